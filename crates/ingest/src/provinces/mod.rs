//! The provinces of China: what they are called, what borders on what, which region they are of.
//!
//! ```
//! use ingest::provinces::{Hainan, Names, Scheme, contiguous, resolve};
//!
//! let shaanxi = resolve("陕西省①")?;
//! assert_eq!(shaanxi.label(Names::English), "Shaanxi");
//! assert_eq!(resolve("610000")?, shaanxi);
//! assert_ne!(resolve("Shanxi")?, shaanxi);
//! assert!(resolve("Shan'xi").is_err());
//! assert_eq!(Scheme::EastCentralWest.region(shaanxi), Some("west"));
//! assert!(contiguous(shaanxi, resolve("Shanxi")?, Hainan::Island));
//! # Ok::<(), ingest::provinces::NameError>(())
//! ```

mod borders;
mod resolve;
mod table;

use std::fmt;

use serde::Deserialize;

pub use crate::error::EntityError;
pub use borders::{Hainan, contiguous, neighbours};
pub use resolve::{NameError, clean, resolve};

/// A unit of the first level: a province, municipality, autonomous region or special region.
///
/// **Source** of codes and names: GB/T 2260 (codes of 1999 and later agree at this level); of
/// `letters`: ISO 3166-2:CN.
#[derive(Debug, PartialEq, Eq)]
pub struct Province {
    /// Six digits of GB/T 2260: 110000. The first two name the province.
    pub code: u32,
    /// Two letters: BJ.
    pub letters: &'static str,
    /// As English texts have it: Inner Mongolia, Tibet, Shaanxi.
    pub english: &'static str,
    /// As the Chinese name is transcribed: Nei Mongol, Xizang, Shaanxi.
    pub pinyin: &'static str,
    /// In full: 内蒙古自治区.
    pub chinese: &'static str,
    /// In short: 内蒙古.
    pub short: &'static str,
    /// In one character: 陕, and the older 秦.
    pub abbreviations: &'static [&'static str],
    kind: Kind,
    zone_of_three: &'static str,
    zone_of_four: &'static str,
    /// Other spellings that are met: Latin ones in small letters without spaces.
    others: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Province,
    Municipality,
    /// With the names of its nationality that may stand before "autonomous region".
    AutonomousRegion(&'static [&'static str]),
    Sar,
}

/// The 31 mainland units in the order of their codes, then Taiwan, Hong Kong and Macau.
pub fn all() -> &'static [Province] {
    &table::ALL
}

/// What resolved provinces are called in a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Names {
    /// Inner Mongolia, Tibet, Shaanxi.
    English,
    /// Nei Mongol, Xizang, Shaanxi.
    Pinyin,
    /// 内蒙古自治区, 西藏自治区, 陕西省.
    Chinese,
    /// 内蒙古, 西藏, 陕西.
    ChineseShort,
    /// 蒙, 藏, 陕.
    Abbreviation,
    /// 150000, 540000, 610000.
    Code,
    /// NM, XZ, SN.
    Letters,
}

impl Province {
    /// Its name of one kind.
    pub fn label(&self, names: Names) -> String {
        match names {
            Names::English => self.english.to_owned(),
            Names::Pinyin => self.pinyin.to_owned(),
            Names::Chinese => self.chinese.to_owned(),
            Names::ChineseShort => self.short.to_owned(),
            Names::Abbreviation => self.abbreviations.first().copied().unwrap_or("").to_owned(),
            Names::Code => self.code.to_string(),
            Names::Letters => self.letters.to_owned(),
        }
    }

    /// Whether it is one of the 31 whose figures the National Bureau of Statistics publishes.
    pub fn is_mainland(&self) -> bool {
        self.code < 700_000
    }
}

/// How provinces are put into regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Three: east (11, Liaoning among them), central (8, with Jilin and Heilongjiang) and
    /// west (12, with Inner Mongolia and Guangxi).
    ///
    /// **Source** National Bureau of Statistics, the division in use from 2000 (东、中、西部).
    EastCentralWest,
    /// Four: east (10), central (6), west (12) and northeast (3).
    ///
    /// **Source** National Bureau of Statistics, 东西中部和东北地区划分方法 (2011).
    EastCentralWestNortheast,
}

impl Scheme {
    /// The region of a province; Taiwan, Hong Kong and Macau are of none.
    pub fn region(self, of: &Province) -> Option<&'static str> {
        let region = match self {
            Self::EastCentralWest => of.zone_of_three,
            Self::EastCentralWestNortheast => of.zone_of_four,
        };
        (!region.is_empty()).then_some(region)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EastCentralWest => "east-central-west",
            Self::EastCentralWestNortheast => "east-central-west-northeast",
        })
    }
}
