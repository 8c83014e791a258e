//! Dimensions, sub-dimensions and indicators.

use crate::Indicator;

/// A dimension, or the index itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Its name and those above it, outermost first; empty for the index itself.
    pub(crate) path: Vec<String>,
    pub(crate) children: Vec<Child>,
}

/// What lies right below a node.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Child {
    /// An indicator, by its place in the scheme.
    Leaf(usize),
    Node(Node),
}

impl Node {
    /// The tree of indicators; what comes first in the scheme comes first in the tree.
    pub(crate) fn new(indicators: &[Indicator]) -> Self {
        let mut root = Self { path: Vec::new(), children: Vec::new() };
        for (j, indicator) in indicators.iter().enumerate() {
            root.add(&indicator.dimension, j);
        }
        root
    }

    fn add(&mut self, below: &[String], j: usize) {
        let Some((first, rest)) = below.split_first() else {
            self.children.push(Child::Leaf(j));
            return;
        };
        let same = |child: &mut Child| match child {
            Child::Node(node) if node.path.last() == Some(first) => Some(()),
            _ => None,
        };
        let at = self.children.iter_mut().position(|child| same(child).is_some());
        let at = at.unwrap_or_else(|| {
            let mut path = self.path.clone();
            path.push(first.clone());
            self.children.push(Child::Node(Self { path, children: Vec::new() }));
            self.children.len() - 1
        });
        if let Child::Node(node) = &mut self.children[at] {
            node.add(rest, j);
        }
    }

    /// The indicators below it.
    pub(crate) fn leaves(&self) -> Vec<usize> {
        let below = |child: &Child| match child {
            Child::Leaf(j) => vec![*j],
            Child::Node(node) => node.leaves(),
        };
        self.children.iter().flat_map(below).collect()
    }

    /// All dimensions below it, a dimension before those inside it.
    pub(crate) fn dimensions(&self) -> Vec<&Node> {
        let mut all = Vec::new();
        for child in &self.children {
            if let Child::Node(node) = child {
                all.push(node);
                all.extend(node.dimensions());
            }
        }
        all
    }

    /// "A / B"; empty for the index itself.
    pub(crate) fn name(&self) -> String {
        self.path.join(" / ")
    }
}
