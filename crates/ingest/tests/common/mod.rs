//! What the tests share: a folder of their own.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    reason = "each test uses a part"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use panel::{Column, Factor, Index, Panel, Term};

/// A folder that is gone when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ingest-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Entity `id`, period `t`.
pub fn key() -> ingest::Key {
    ingest::Key { entity: Some("id".into()), period: Some("t".into()) }
}

/// A number and a label by entity and period.
pub type Rows = BTreeMap<(String, i32), (Option<f64>, Option<String>)>;

/// `x` and `省` of the rows; entities that are all whole numbers are numbers.
pub fn panel(rows: &Rows) -> Panel {
    let whole: Option<Vec<i64>> = rows.keys().map(|(entity, _)| entity.parse().ok()).collect();
    let entity = match whole {
        Some(numbers) => Factor::from_numbers(&numbers),
        None => Factor::from_names(rows.keys().map(|(entity, _)| Some(entity.as_str()))),
    };
    let period = rows.keys().map(|(_, period)| *period).collect();
    let index = Index { entity_name: "id".into(), entity, period_name: "t".into(), period };
    let x = rows.values().map(|(x, _)| x.unwrap_or(f64::NAN)).collect();
    let kind = Factor::from_names(rows.values().map(|(_, label)| label.as_deref()));
    Panel::new(index, [("x".into(), Column::Number(x)), ("省".into(), Column::Category(kind))])
        .unwrap()
}

/// Equal, with missing equal to missing, and bits equal to bits.
pub fn same(a: &Panel, b: &Panel) -> bool {
    let bits = |panel: &Panel| -> Vec<u64> {
        let x = panel.values(&Term::var("x")).unwrap();
        x.iter().map(|x| if x.is_nan() { u64::MAX } else { x.to_bits() }).collect()
    };
    a.index() == b.index()
        && bits(a) == bits(b)
        && a.columns().get("省") == b.columns().get("省")
        && a.columns().len() == b.columns().len()
}
