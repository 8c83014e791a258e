//! The words that tables use for the same thing.

use crate::Uncertainty;

/// A header or label without case, blanks and punctuation.
pub(super) fn key(text: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '%' | '>' | '|');
    text.to_lowercase().chars().filter(kept).collect()
}

/// The name under which a column of moments is known: `N`, `mean`, `sd`, `min`, `max`.
pub(super) fn moment(header: &str) -> Option<&'static str> {
    Some(match key(header).as_str() {
        "n"
        | "obs"
        | "nobs"
        | "observations"
        | "count"
        | "noofobs"
        | "noobservations"
        | "noofobservations"
        | "numobs"
        | "numberofobservations"
        | "样本量"
        | "样本数"
        | "观测值"
        | "观测数" => "N",
        "mean" | "means" | "average" | "avg" | "均值" | "平均值" | "平均数" => "mean",
        "sd" | "std" | "stddev" | "stdev" | "stdv" | "standarddeviation" | "stddeviation"
        | "stdeviation" | "standarddev" | "标准差" => "sd",
        "min" | "minimum" | "最小值" => "min",
        "max" | "maximum" | "最大值" => "max",
        _ => return None,
    })
}

/// Whether a header says that its column holds weights of an index.
pub(super) fn is_weight(header: &str) -> bool {
    matches!(
        key(header).as_str(),
        "weight" | "weights" | "权重" | "indicatorweight" | "weightvalue"
    )
}

/// The name of a column of a threshold test: `F`, `10% critical value`.
pub(super) fn of_threshold_test(header: &str) -> Option<&'static str> {
    let key = key(header);
    Some(match key.as_str() {
        "f" | "fstat" | "fstatistic" | "fvalue" | "f值" | "f统计量" => "F",
        _ if key.starts_with("10%") || key.ends_with("10%") => "10% critical value",
        _ if key.starts_with("5%") || key.ends_with("5%") => "5% critical value",
        _ if key.starts_with("1%") || key.ends_with("1%") => "1% critical value",
        _ => return None,
    })
}

/// Whether a header or a label announces dependent variables.
pub(super) fn is_dependent(text: &str) -> bool {
    let key = key(text);
    ["dependentvar", "depvar", "outcomevar", "被解释变量", "因变量"]
        .iter()
        .any(|w| key.starts_with(w))
        || key == "outcome"
        || key == "outcomes"
}

/// Whether a label of the header stands for nothing but the header.
pub(super) fn is_stub(text: &str) -> bool {
    let words = [
        "",
        "variable",
        "variables",
        "model",
        "models",
        "estimator",
        "method",
        "sample",
        "term",
        "column",
        "specification",
        "parameter",
        "regressor",
        "regressors",
        "变量",
        "模型",
    ];
    words.contains(&key(text).as_str()) || is_dependent(text)
}

/// Whether a header names an estimator or a sample rather than an outcome.
pub(super) fn is_method(text: &str) -> bool {
    let key = key(text);
    let whole = [
        "ols",
        "pols",
        "fe",
        "re",
        "twfe",
        "iv",
        "2sls",
        "tsls",
        "gmm",
        "sysgmm",
        "sgmm",
        "dgmm",
        "probit",
        "logit",
        "tobit",
        "psm",
        "did",
        "gls",
        "fgls",
        "wls",
        "lsdv",
        "fd",
        "be",
        "qreg",
        "ppml",
        "poisson",
        "heckman",
        "baseline",
        "full",
        "all",
        "male",
        "female",
        "men",
        "women",
        "east",
        "eastern",
        "central",
        "west",
        "western",
        "urban",
        "rural",
        "high",
        "low",
        "soe",
        "robust",
        "robustness",
    ];
    let within = [
        "sample",
        "effect",
        "pooled",
        "stage",
        "regression",
        "estimator",
        "model",
        "subgroup",
        "group",
        "region",
        "模型",
        "效应",
        "回归",
        "样本",
        "地区",
        "阶段",
    ];
    whole.contains(&key.as_str()) || within.iter().any(|word| key.contains(word))
}

const ROMAN: [&str; 12] =
    ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

/// The number of a column: `(1)`, `[1]`, `1`, `Model 1`, `(I)`.
pub(super) fn ordinal(text: &str) -> Option<usize> {
    let bare = text.trim_matches(|c: char| "()[]（）【】 .".contains(c));
    let bare =
        bare.strip_prefix("Model").or_else(|| bare.strip_prefix("model")).unwrap_or(bare).trim();
    let bare = bare.trim_matches(|c: char| "()[]（）#".contains(c));
    if let Some(at) = ROMAN.iter().position(|roman| *roman == bare) {
        return Some(at + 1);
    }
    let short = (1..=2).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_digit());
    short.then(|| bare.parse().ok()).flatten().filter(|n| (1..=99).contains(n))
}

/// What a column beside an estimate holds, where estimate and standard error have columns of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Estimate,
    Error,
    T,
    Z,
    P,
    Other,
}

impl Beside {
    /// What a row of it is called behind the label of its estimate: `lnX: t`.
    pub(super) fn behind(self) -> Option<&'static str> {
        match self {
            Self::Error => Some("se"),
            Self::T => Some("t"),
            Self::Z => Some("z"),
            Self::P => Some("p"),
            Self::Estimate | Self::Other => None,
        }
    }
}

impl From<Uncertainty> for Beside {
    fn from(it: Uncertainty) -> Self {
        match it {
            Uncertainty::StandardError => Self::Error,
            Uncertainty::T => Self::T,
            Uncertainty::Z => Self::Z,
            Uncertainty::P => Self::P,
        }
    }
}

pub(super) fn beside(header: &str) -> Option<Beside> {
    Some(match key(header).as_str() {
        "coef" | "coeff" | "coefficient" | "coefficients" | "estimate" | "estimates" | "b"
        | "parameter" | "beta" | "系数" | "估计值" => Beside::Estimate,
        "se" | "stderr" | "stderrs" | "stderror" | "stderrors" | "standarderror"
        | "standarderrors" | "robuststderr" | "robustse" | "std" | "标准误" => Beside::Error,
        "t" | "tvalue" | "tstat" | "tstatistic" | "tratio" | "statistic" | "t值" => Beside::T,
        "z" | "zvalue" | "zstat" | "zstatistic" | "z值" => Beside::Z,
        "p" | "pvalue" | "p>|t|" | "p>|z|" | "pr>|t|" | "pr>|z|" | "prob" | "sig" | "p值" => {
            Beside::P
        }
        "conflow" | "confhigh" | "95%confinterval" | "cilow" | "cihigh" | "df" | "lowerci"
        | "upperci" | "lower" | "upper" | "cilower" | "ciupper"
        // The ends of a confidence interval: `[0.025`, `97.5 %`, `[95% conf.`, `interval]`.
        | "0025" | "0975" | "005" | "095" | "0005" | "0995" | "25%" | "975%" | "5%" | "95%"
        | "05%" | "995%" | "95%conf" | "interval" | "conf" => Beside::Other,
        _ => return None,
    })
}

/// A cell that says itself what it holds: `t = 2.31`, `p = 0.02`.
pub(super) fn said(text: &str) -> Option<(Beside, &str)> {
    let (word, rest) = text.split_once('=')?;
    let kind = row_of(word.trim()).filter(|_| !rest.trim().is_empty())?;
    Some((kind, rest.trim()))
}

/// A label of several columns; pyfixest says first what kind of row it is.
pub(super) fn label(parts: &[&str]) -> String {
    match parts {
        // As pandas writes an index of several levels.
        [one] if one.starts_with("('") && one.ends_with("')") => {
            label(&one[2..one.len() - 2].split("', '").collect::<Vec<_>>())
        }
        ["coef" | "stats", rest @ ..] if !rest.is_empty() => rest.join(" / "),
        ["fe", rest @ ..] if !rest.is_empty() => format!("{} FE", rest.join(" / ")),
        _ => parts.join(" / "),
    }
}

/// Whether a label is one of the statistics of a fit that say something about others.
pub(super) fn is_of_fit(label: &str) -> bool {
    let key = key(label);
    let r_squared = ["rsquared", "r2", "rsq"].iter().any(|word| key.contains(word));
    r_squared
        || moment(label) == Some("N")
        || of_threshold_test(label) == Some("F")
        || matches!(key.as_str(), "entities" | "numberofgroups" | "numofobs" | "numobs")
        || key.starts_with('f')
            && key[1..].chars().all(|c| c.is_ascii_digit())
            && label.contains('(')
}

/// What a row of uncertainties is called, where it has a label of its own.
pub(super) fn row_of(label: &str) -> Option<Beside> {
    let key = key(label);
    match key.as_str() {
        "b" | "beta" | "df" | "statistic" => None,
        "tstatistics" | "tvalues" | "tstats" => Some(Beside::T),
        "pvalues" => Some(Beside::P),
        _ => beside(label).filter(|kind| !matches!(kind, Beside::Estimate | Beside::Other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_the_same_thing() {
        assert_eq!(moment("Std. Dev."), Some("sd"));
        assert_eq!(moment("Obs."), Some("N"));
        assert_eq!(moment("weight"), None);
        assert_eq!(of_threshold_test("critical value (10%)"), Some("10% critical value"));
        assert_eq!(of_threshold_test("1% critical value"), Some("1% critical value"));
        assert_eq!(ordinal("(1)"), Some(1));
        assert_eq!(ordinal("Model 3"), Some(3));
        assert_eq!(ordinal("(IV)"), Some(4));
        assert_eq!(ordinal("IV-2SLS"), None);
        assert_eq!(ordinal("0.1"), None);
        assert_eq!(ordinal("2014"), None);
        assert!(is_method("Full sample") && is_method("Random effects") && !is_method("lnY"));
        assert!(is_dependent("Dependent Var.:") && is_dependent("Dep. variable"));
        assert_eq!(beside("P>|t|"), Some(Beside::P));
        assert_eq!(row_of("(se)"), Some(Beside::Error));
    }
}
