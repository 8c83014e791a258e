//! What the labels of rows and columns mean.

use published::Uncertainty;

/// A label without case, blanks and punctuation.
pub(crate) fn plain(label: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || *c == '²';
    label.chars().filter(kept).flat_map(char::to_lowercase).collect()
}

/// What a row of a regression table holds, by its label alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Constant,
    Observations,
    /// R², not adjusted, whichever.
    RSquared,
    AdjustedRSquared,
    F,
    /// The number of units.
    Groups,
    /// Regressors that are not printed.
    Controls,
    /// Another statistic.
    Statistic,
    /// A regressor, or something unknown.
    Other,
}

impl Label {
    pub(crate) fn of(label: &str) -> Self {
        if beside(label).is_some() {
            return Self::Statistic;
        }
        if is_shifted(label) {
            return Self::Other;
        }
        let word = plain(label);
        match word.as_str() {
            "constant" | "cons" | "const" | "intercept" | "constantterm" | "常数项" | "常数" => {
                Self::Constant
            }
            "n"
            | "obs"
            | "observations"
            | "nobs"
            | "numobs"
            | "numberofobservations"
            | "numberofobs"
            | "noofobs"
            | "noobservations"
            | "noofobservations"
            | "samplesize"
            | "样本量"
            | "样本数"
            | "观测值"
            | "观测数" => Self::Observations,
            "f" | "fstatistic" | "fstat" | "fvalue" | "f值" => Self::F,
            "units" | "groups" | "numberofgroups" | "noofgroups" | "numberofid" | "entities"
            | "numberofunits" | "numberofentities" | "individuals" | "provinces"
            | "numberofprovinces" => Self::Groups,
            _ if is_r_squared(&word) => {
                if word.contains("adj") || word.ends_with("r2a") {
                    Self::AdjustedRSquared
                } else {
                    Self::RSquared
                }
            }
            _ if word.contains("control") || word.contains("控制变量") => Self::Controls,
            _ if is_statistic(&word) => Self::Statistic,
            _ => Self::Other,
        }
    }
}

/// What a row holds of the estimates of another: `lnX: t` is its t statistic, `lnX: [p]` what stands as its p value in
/// brackets of a second kind. The label of the other, what it holds, and whether it stands in brackets.
pub(crate) fn beside(label: &str) -> Option<(&str, Uncertainty, bool)> {
    let (of, word) = label.rsplit_once(": ")?;
    let bare = word.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let holds = match bare.unwrap_or(word) {
        "se" => Uncertainty::StandardError,
        "t" => Uncertainty::T,
        "z" => Uncertainty::Z,
        "p" => Uncertainty::P,
        _ => return None,
    };
    Some((of, holds, bare.is_some()))
}

/// Whether a label is a variable at another time, as Stata writes it: `F.value` is no F statistic.
fn is_shifted(label: &str) -> bool {
    let rest = label.strip_prefix(['L', 'F', 'D', 'S']).unwrap_or_default();
    let name = rest.trim_start_matches(|it: char| it.is_ascii_digit()).strip_prefix('.');
    name.is_some_and(|it| it.starts_with(char::is_alphabetic))
}

fn is_r_squared(word: &str) -> bool {
    let stem = ["r2", "r²", "rsquared", "rsquare", "rsq"];
    let around = [
        "adj", "adjusted", "within", "between", "overall", "pseudo", "mcfadden", "w", "b", "o",
        "a", "",
    ];
    stem.iter().any(|stem| {
        word.find(stem).is_some_and(|at| {
            let (before, after) = (&word[..at], &word[at + stem.len()..]);
            around.contains(&before) && around.contains(&after)
        })
    })
}

fn is_statistic(word: &str) -> bool {
    let whole = [
        "aic",
        "bic",
        "rmse",
        "rho",
        "sigma",
        "ll",
        "loglik",
        "chi2",
        "waldchi2",
        "prob",
        "ssr",
        "rss",
        "residualstderror",
        "clusters",
        "df",
        "sobel",
        "ar1",
        "ar2",
        "ar1p",
        "ar2p",
        "sobelz",
    ];
    let within = [
        "likelihood",
        "hausman",
        "sargan",
        "hansen",
        "kleibergen",
        "craggdonald",
        "wald",
        "pvalue",
        "chisq",
        "numberof",
        "statistic",
        "sobel",
        "meanofdep",
    ];
    whole.contains(&word) || within.iter().any(|it| word.contains(it))
}

/// What a row of words says of effects: `Province FE`, `Year fixed effects`, `年份固定效应`.
pub(crate) fn effect(label: &str) -> Option<String> {
    let lower = label.trim().to_lowercase();
    let ends = [
        "fixed effects",
        "fixed effect",
        "fixed-effects",
        "fixed-effect",
        "effects",
        "effect",
        "dummies",
        "dummy",
        "fe",
        "f.e.",
        "固定效应",
        "效应",
    ];
    let name = ends.iter().find_map(|end| lower.strip_suffix(end))?;
    Some(name.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
}

/// Whether the name of an effect is one of time.
pub(crate) fn is_time(effect: &str) -> bool {
    let word = plain(effect);
    ["year", "time", "period", "month", "quarter", "wave", "day", "week", "年", "时间"]
        .iter()
        .any(|it| word.contains(it))
}

/// What a cell of words answers: yes or no.
pub(crate) fn answer(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "yes" | "y" | "✓" | "√" | "✔" | "x" | "是" | "控制" | "included" => Some(true),
        "no" | "n" | "×" | "✗" | "✘" | "否" | "未控制" => Some(false),
        _ => None,
    }
}

/// What a column of a table of moments holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    N,
    Mean,
    Sd,
    Min,
    P25,
    Median,
    P75,
    Max,
}

impl Moment {
    pub(crate) fn of(header: &str) -> Option<Self> {
        Some(match plain(header).as_str() {
            "mean" | "average" | "均值" | "平均值" => Self::Mean,
            "sd" | "std" | "stddev" | "stdev" | "standarddeviation" | "stddeviation" | "标准差" => {
                Self::Sd
            }
            "min" | "minimum" | "最小值" => Self::Min,
            "p25" | "25" | "q1" | "pctl25" | "1stqu" => Self::P25,
            "median" | "p50" | "50" | "中位数" => Self::Median,
            "p75" | "75" | "q3" | "pctl75" | "3rdqu" => Self::P75,
            "max" | "maximum" | "最大值" => Self::Max,
            _ if Label::of(header) == Label::Observations => Self::N,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_statistics_are_told_from_regressors() {
        use Label::{
            AdjustedRSquared, Constant, Controls, F, Groups, Observations, Other, RSquared,
            Statistic,
        };
        for (label, is) in [
            ("N", Observations),
            ("Num. Obs.", Observations),
            ("Observations", Observations),
            ("_cons", Constant),
            ("(Intercept)", Constant),
            ("R2", RSquared),
            ("R²", RSquared),
            ("Within R-squared", RSquared),
            ("R2_w", RSquared),
            ("Adj. R2", AdjustedRSquared),
            ("Adjusted R-squared", AdjustedRSquared),
            ("r2_a", AdjustedRSquared),
            ("F statistic", F),
            ("Number of groups", Groups),
            ("Control Variables", Controls),
            ("Log likelihood", Statistic),
            ("Hausman test", Statistic),
            ("Sobel Z", Statistic),
            ("L.lnX: t", Statistic),
            ("lnX", Other),
            ("F.value", Other),
            ("L2.adj", Other),
            ("Rec", Other),
            ("Fai", Other),
        ] {
            assert_eq!(Label::of(label), is, "{label}");
        }
    }

    #[test]
    fn rows_of_effects_have_a_name() {
        assert_eq!(effect("Province FE").as_deref(), Some("province"));
        assert_eq!(effect("Year fixed effects").as_deref(), Some("year"));
        assert_eq!(effect("lnX"), None);
        assert!(is_time("year") && is_time("Time") && !is_time("province"));
    }
}
