//! What a source may say about a text file; what it does not say is detected.

use std::fmt;

use serde::Deserialize;

/// How the bytes of a text file stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// GB18030, and with it GBK and GB2312.
    #[serde(alias = "gbk", alias = "gb2312")]
    Gb18030,
    /// UTF-16, the low byte first.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, the high byte first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Big5, of Taiwan and Hong Kong; never detected.
    Big5,
    /// Western European, of Windows; never detected, as any bytes are valid in it.
    #[serde(rename = "windows-1252", alias = "latin-1", alias = "iso-8859-1")]
    Windows1252,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Big5 => "Big5",
            Self::Windows1252 => "Windows-1252",
        })
    }
}

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delimiter {
    /// A comma.
    #[serde(rename = ",", alias = "comma")]
    Comma,
    /// A semicolon.
    #[serde(rename = ";", alias = "semicolon")]
    Semicolon,
    /// A tab.
    #[serde(rename = "\t", alias = "tab")]
    Tab,
    /// A vertical bar.
    #[serde(rename = "|", alias = "pipe")]
    Pipe,
}

impl Delimiter {
    pub(super) const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tab => f.write_str("tab"),
            other => write!(f, "'{}'", char::from(other.byte())),
        }
    }
}

/// What stands between the whole part of a number and its fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Decimal {
    /// A point: `1.5`.
    #[serde(rename = ".", alias = "point")]
    Point,
    /// A comma: `1,5`.
    #[serde(rename = ",", alias = "comma")]
    Comma,
}

/// What stands between groups of three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Thousands {
    /// Nothing; a number with separators is text.
    #[serde(rename = "none")]
    None,
    /// A comma: `1,234.5`.
    #[serde(rename = ",", alias = "comma")]
    Comma,
    /// A point: `1.234,5`.
    #[serde(rename = ".", alias = "point")]
    Point,
    /// A space, which may be one that does not break: `1 234,5`.
    #[serde(rename = " ", alias = "space")]
    Space,
    /// An apostrophe: `1'234.5`.
    #[serde(rename = "'", alias = "apostrophe")]
    Apostrophe,
}

impl Thousands {
    /// Whether a character is this separator.
    pub(super) fn is(self, c: char) -> bool {
        match self {
            Self::None => false,
            Self::Comma => c == ',',
            Self::Point => c == '.',
            Self::Space => matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'),
            Self::Apostrophe => matches!(c, '\'' | '’'),
        }
    }
}

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Comma => "','",
            Self::Point => "'.'",
            Self::Space => "' '",
            Self::Apostrophe => "'''",
        })
    }
}

/// What a source says about its text file; `None` where it leaves that to be detected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Hints {
    pub(crate) encoding: Option<Encoding>,
    pub(crate) delimiter: Option<Delimiter>,
    pub(crate) decimal: Option<Decimal>,
    pub(crate) thousands: Option<Thousands>,
}
