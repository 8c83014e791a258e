//! From a label as a file has it to the province it means.

use super::{Kind, Province, table::ALL};
use crate::error::nearest;

/// Why a label is no province.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are what the message says they are")]
pub enum NameError {
    /// Nothing is called so.
    #[error("no province `{label}`{}", did_you_mean(.near))]
    Unknown { label: String, near: Vec<String> },
    /// It may be either of two.
    #[error("`{label}` may be {}; write which", .among.join(" or "))]
    Ambiguous { label: String, among: Vec<String> },
    /// Its Chinese and its Latin part are two provinces.
    #[error(
        "`{label}` is {chinese} in Chinese and {latin} in Latin letters; mend the one that is wrong"
    )]
    Contradiction { label: String, chinese: String, latin: String },
    /// The whole country.
    #[error(
        "`{label}` is the whole country and no province; leave its rows out by `drop = [\"{label}\"]`"
    )]
    Total { label: String },
    /// A remark under a table.
    #[error(
        "`{label}` looks like a note and no province; end the data above it, or leave the row out by `drop`"
    )]
    Remark { label: String },
    /// A code of something smaller.
    #[error("`{label}` is the code of a place within {province}, and not of a province")]
    Within { label: String, province: String },
}

fn did_you_mean(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) }
}

const TOTALS: [&str; 17] = [
    "全国",
    "全國",
    "全国总计",
    "全国合计",
    "全国平均",
    "总计",
    "合计",
    "中国",
    "各地区合计",
    "national",
    "nationaltotal",
    "nation",
    "china",
    "total",
    "wholecountry",
    "mainlandchina",
    "country",
];

/// Words with which remarks begin.
const REMARKS: [&str; 9] =
    ["注", "数据来源", "资料来源", "来源", "说明", "备注", "note", "source", "datasource"];

/// The province that a label means.
///
/// Understood are the names of [`Province`] in any case and with any spaces, with and without
/// "Province", "Municipality" or "Autonomous Region"; codes of two and six digits; `BJ` and
/// `CN-BJ`; traditional characters; Chinese and Latin names side by side, if they agree. Marks
/// of footnotes (`*`, `①`, `[1]`, `1)`) are passed over, a bare digit is not.
///
/// Shanxi (山西) and Shaanxi (陕西) are told apart by a letter, by tone marks or by characters; a
/// spelling that does not tell is an error.
///
/// # Errors
///
/// [`NameError`], with the nearest names.
pub fn resolve(label: &str) -> Result<&'static Province, NameError> {
    let text = clean(label);
    let own = || label.trim().to_owned();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return by_code(&text).ok_or_else(|| {
            let within =
                (text.len() == 6 || text.len() == 4).then(|| by_code(&text[..2])).flatten();
            match within {
                Some(province) => {
                    NameError::Within { label: own(), province: province.english.to_owned() }
                }
                None => NameError::Unknown { label: own(), near: Vec::new() },
            }
        });
    }
    let letters = text.strip_prefix("CN-").unwrap_or(&text);
    if let Some(province) = ALL.iter().find(|province| province.letters == letters) {
        return Ok(province);
    }
    if let Some(province) = text.strip_prefix("CN-").and_then(by_code) {
        return Ok(province);
    }
    let (latin, chinese): (String, String) = text.chars().partition(|c| (*c as u32) < 0x2e80);
    let latin = latin.to_lowercase();
    let is_joint = |c: char| matches!(c, '-' | '.' | ',' | '/' | '(' | ')');
    let key: String = latin.chars().filter(|c| !is_joint(*c)).collect();
    let whole = if chinese.is_empty() { &key } else { &chinese };
    if TOTALS.contains(&whole.as_str()) {
        return Err(NameError::Total { label: own() });
    }
    if REMARKS.iter().any(|word| whole.starts_with(word)) || text.contains(':') {
        return Err(NameError::Remark { label: own() });
    }
    let unknown = || NameError::Unknown { label: own(), near: near(&key, &chinese) };
    let in_chinese = by_characters(&chinese);
    let in_latin = by_letters(&key, &own)?;
    match (chinese.is_empty(), key.is_empty(), in_chinese, in_latin) {
        (false, true, Some(province), _) | (true, false, _, Some(province)) => Ok(province),
        (false, false, Some(chinese), Some(latin)) if chinese == latin => Ok(chinese),
        (false, false, Some(chinese), Some(latin)) => Err(NameError::Contradiction {
            label: own(),
            chinese: chinese.english.to_owned(),
            latin: latin.english.to_owned(),
        }),
        _ => Err(unknown()),
    }
}

fn by_code(text: &str) -> Option<&'static Province> {
    let code: u32 = text.parse().ok()?;
    ALL.iter().find(|province| match text.len() {
        2 => province.code / 10_000 == code,
        6 => province.code == code,
        _ => false,
    })
}

fn by_characters(text: &str) -> Option<&'static Province> {
    ALL.iter().find(|province| {
        let own = [province.chinese, province.short];
        let ending = match province.kind {
            Kind::Province => "省",
            Kind::Municipality => "市",
            Kind::AutonomousRegion(_) => "自治区",
            Kind::Sar => "特区",
        };
        own.contains(&text)
            || province.abbreviations.contains(&text)
            || province.others.contains(&text)
            || text.strip_suffix(ending) == Some(province.short)
    })
}

/// By a key of small letters and apostrophes.
fn by_letters(key: &str, own: &dyn Fn() -> String) -> Result<Option<&'static Province>, NameError> {
    let plain: String = key.chars().filter(|c| !is_apostrophe(*c)).map(without_tone).collect();
    let found = ALL.iter().find(|province| {
        let names = [province.english, province.pinyin].map(compact);
        let others = province.others.iter().map(|other| (*other).to_owned());
        names.into_iter().chain(others).any(|name| {
            plain.strip_prefix(name.as_str()).is_some_and(|rest| is_ending(rest, province.kind))
        })
    });
    // 山西 is Shānxī and 陕西 is Shǎnxī: without the doubled a or the tone marks nothing tells.
    if found.is_some_and(|province| province.letters == "SX" || province.letters == "SN") {
        let either = || {
            let among = ["Shanxi (山西)", "Shaanxi (陕西)"].map(str::to_owned).to_vec();
            Err(NameError::Ambiguous { label: own(), among })
        };
        if key.chars().any(is_apostrophe) {
            return either();
        }
        if plain.starts_with("shanxi") && key.chars().any(|c| without_tone(c) != c) {
            return match key.chars().find(|c| without_tone(*c) == 'a') {
                Some('ā') => Ok(found),
                Some('ǎ' | 'ă') => Ok(ALL.iter().find(|province| province.letters == "SN")),
                _ => either(),
            };
        }
    }
    Ok(found)
}

/// Whether what follows a name says only what kind of unit it is.
fn is_ending(rest: &str, kind: Kind) -> bool {
    let region = ["autonomousregion", "ar", "zizhiqu", "zizhiqv"];
    match kind {
        _ if rest.is_empty() => true,
        Kind::Province => ["province", "sheng", "prov"].contains(&rest),
        Kind::Municipality => ["municipality", "city", "shi"].contains(&rest),
        Kind::Sar => ["sar", "specialadministrativeregion"].contains(&rest),
        Kind::AutonomousRegion(peoples) => {
            let after = peoples.iter().find_map(|people| rest.strip_prefix(people));
            region.contains(&after.unwrap_or(rest)) || after == Some("")
        }
    }
}

fn compact(name: &str) -> String {
    name.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`')
}

fn without_tone(c: char) -> char {
    match c {
        'ā' | 'á' | 'ǎ' | 'ă' | 'à' | 'â' => 'a',
        'ē' | 'é' | 'ě' | 'ĕ' | 'è' | 'ê' => 'e',
        'ī' | 'í' | 'ǐ' | 'ĭ' | 'ì' | 'î' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ŏ' | 'ò' | 'ô' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ŭ' | 'ù' | 'û' | 'ü' | 'ǘ' | 'ǚ' | 'ǜ' => 'u',
        c => c,
    }
}

/// Names that resemble: those that begin alike, then those a letter or two away.
fn near(key: &str, chinese: &str) -> Vec<String> {
    let shown = |province: &Province| format!("{} ({})", province.english, province.short);
    let first = chinese.chars().next();
    let begins = |province: &&Province| {
        let alike = |name: &str| key.len() >= 3 && compact(name).starts_with(key);
        alike(province.english)
            || alike(province.pinyin)
            || first.is_some_and(|c| province.short.starts_with(c))
    };
    let mut names: Vec<String> = ALL.iter().filter(begins).map(shown).collect();
    let wanted = if chinese.is_empty() { key } else { chinese };
    let spellings =
        || ALL.iter().flat_map(|province| [province.english, province.pinyin, province.short]);
    for name in nearest(wanted, spellings()) {
        let of = |province: &&Province| {
            [province.english, province.pinyin, province.short].contains(&name.as_str())
        };
        names.extend(ALL.iter().find(of).map(shown));
    }
    let mut seen = Vec::new();
    names.retain(|name| {
        !seen.contains(name) && {
            seen.push(name.clone());
            true
        }
    });
    names.truncate(3);
    names
}

/// A label without spaces, full-width forms and marks of footnotes.
///
/// ```
/// assert_eq!(ingest::provinces::clean("　北　京①"), "北京");
/// assert_eq!(ingest::provinces::clean("Inner Mongolia 1)"), "InnerMongolia");
/// ```
pub fn clean(label: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '【' | '〔' => '[',
        '】' | '〕' => ']',
        c => c,
    };
    let text: String = label.chars().map(half).collect();
    let mut rest = text.trim_start_matches(|c| is_mark(c) || is_space(c));
    loop {
        let shorter = without_note(rest.trim_end_matches(|c| is_mark(c) || is_space(c)));
        if shorter == rest {
            return rest.chars().filter(|c| !is_space(*c)).collect();
        }
        rest = shorter;
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}')
}

fn is_mark(c: char) -> bool {
    matches!(c, '*' | '#' | '†' | '‡' | '§' | '^' | '¹' | '²' | '³' | '⁰' | '⁴'..='⁹')
        || matches!(c, '\u{2460}'..='\u{24ff}' | '\u{2776}'..='\u{2793}')
}

/// Without `[1]`, `(a)`, `(注)`, `(注1)` or `1)` at the end.
fn without_note(text: &str) -> &str {
    let is_note = |inner: &str| {
        let inner = inner.strip_prefix('注').unwrap_or(inner);
        let few = inner.chars().count() <= 2 && inner.chars().all(|c| c.is_ascii_alphanumeric());
        few || (!inner.is_empty() && inner.chars().all(is_mark))
    };
    for (open, close) in [('[', ']'), ('(', ')')] {
        let Some(before) = text.strip_suffix(close) else { continue };
        if let Some(at) = before.rfind(open) {
            return if is_note(&before[at + 1..]) { &text[..at] } else { text };
        }
        // `1)`: a digit and a bracket that nothing opens.
        return before.trim_end_matches(|c: char| c.is_ascii_digit());
    }
    text
}
