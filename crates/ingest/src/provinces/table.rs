//! The table of provinces.

use super::{Kind, Province};
use Kind::{AutonomousRegion, Municipality, Sar};

/// A row of the table; the arguments are in the order of [`Province`]'s fields.
#[allow(clippy::too_many_arguments, reason = "a table, written as one")]
const fn row(
    code: u32,
    letters: &'static str,
    english: &'static str,
    pinyin: &'static str,
    chinese: &'static str,
    short: &'static str,
    abbreviations: &'static [&'static str],
    kind: Kind,
    zones: (&'static str, &'static str),
    others: &'static [&'static str],
) -> Province {
    let (zone_of_three, zone_of_four) = zones;
    Province {
        code,
        letters,
        english,
        pinyin,
        chinese,
        short,
        abbreviations,
        kind,
        zone_of_three,
        zone_of_four,
        others,
    }
}

const EAST: (&str, &str) = ("east", "east");
const CENTRAL: (&str, &str) = ("central", "central");
const WEST: (&str, &str) = ("west", "west");
/// Liaoning is of the east among three zones; Jilin and Heilongjiang are central.
const NORTHEAST_COAST: (&str, &str) = ("east", "northeast");
const NORTHEAST_INLAND: (&str, &str) = ("central", "northeast");
const NONE: (&str, &str) = ("", "");

const UYGUR: &[&str] = &["uygur", "uyghur", "uighur", "weiwuer", "weiwu'er"];

#[rustfmt::skip]
pub(super) static ALL: [Province; 34] = [
    row(110_000, "BJ", "Beijing", "Beijing", "北京市", "北京", &["京"], Municipality, EAST, &["peking"]),
    row(120_000, "TJ", "Tianjin", "Tianjin", "天津市", "天津", &["津"], Municipality, EAST, &["tientsin"]),
    row(130_000, "HE", "Hebei", "Hebei", "河北省", "河北", &["冀"], Kind::Province, EAST, &[]),
    row(140_000, "SX", "Shanxi", "Shanxi", "山西省", "山西", &["晋", "晉"], Kind::Province, CENTRAL, &[]),
    row(150_000, "NM", "Inner Mongolia", "Nei Mongol", "内蒙古自治区", "内蒙古", &["蒙"], AutonomousRegion(&[]), WEST, &["neimenggu", "neimeng", "innermongol", "内蒙", "內蒙古", "內蒙古自治區"]),
    row(210_000, "LN", "Liaoning", "Liaoning", "辽宁省", "辽宁", &["辽", "遼"], Kind::Province, NORTHEAST_COAST, &["遼寧", "遼寧省"]),
    row(220_000, "JL", "Jilin", "Jilin", "吉林省", "吉林", &["吉"], Kind::Province, NORTHEAST_INLAND, &[]),
    row(230_000, "HL", "Heilongjiang", "Heilongjiang", "黑龙江省", "黑龙江", &["黑"], Kind::Province, NORTHEAST_INLAND, &["黑龍江", "黑龍江省"]),
    row(310_000, "SH", "Shanghai", "Shanghai", "上海市", "上海", &["沪", "申", "滬"], Municipality, EAST, &[]),
    row(320_000, "JS", "Jiangsu", "Jiangsu", "江苏省", "江苏", &["苏", "蘇"], Kind::Province, EAST, &["江蘇", "江蘇省"]),
    row(330_000, "ZJ", "Zhejiang", "Zhejiang", "浙江省", "浙江", &["浙"], Kind::Province, EAST, &[]),
    row(340_000, "AH", "Anhui", "Anhui", "安徽省", "安徽", &["皖"], Kind::Province, CENTRAL, &[]),
    row(350_000, "FJ", "Fujian", "Fujian", "福建省", "福建", &["闽", "閩"], Kind::Province, EAST, &[]),
    row(360_000, "JX", "Jiangxi", "Jiangxi", "江西省", "江西", &["赣", "贛"], Kind::Province, CENTRAL, &[]),
    row(370_000, "SD", "Shandong", "Shandong", "山东省", "山东", &["鲁", "魯"], Kind::Province, EAST, &["山東", "山東省"]),
    row(410_000, "HA", "Henan", "Henan", "河南省", "河南", &["豫"], Kind::Province, CENTRAL, &[]),
    row(420_000, "HB", "Hubei", "Hubei", "湖北省", "湖北", &["鄂"], Kind::Province, CENTRAL, &[]),
    row(430_000, "HN", "Hunan", "Hunan", "湖南省", "湖南", &["湘"], Kind::Province, CENTRAL, &[]),
    row(440_000, "GD", "Guangdong", "Guangdong", "广东省", "广东", &["粤", "粵"], Kind::Province, EAST, &["廣東", "廣東省"]),
    row(450_000, "GX", "Guangxi", "Guangxi", "广西壮族自治区", "广西", &["桂"], AutonomousRegion(&["zhuang", "zhuangzu"]), WEST, &["廣西", "廣西壯族自治區"]),
    row(460_000, "HI", "Hainan", "Hainan", "海南省", "海南", &["琼", "瓊"], Kind::Province, EAST, &[]),
    row(500_000, "CQ", "Chongqing", "Chongqing", "重庆市", "重庆", &["渝"], Municipality, WEST, &["重慶", "重慶市"]),
    row(510_000, "SC", "Sichuan", "Sichuan", "四川省", "四川", &["川", "蜀"], Kind::Province, WEST, &["szechuan"]),
    row(520_000, "GZ", "Guizhou", "Guizhou", "贵州省", "贵州", &["贵", "黔", "貴"], Kind::Province, WEST, &["貴州", "貴州省"]),
    row(530_000, "YN", "Yunnan", "Yunnan", "云南省", "云南", &["云", "滇", "雲"], Kind::Province, WEST, &["雲南", "雲南省"]),
    row(540_000, "XZ", "Tibet", "Xizang", "西藏自治区", "西藏", &["藏"], AutonomousRegion(&[]), WEST, &["西藏自治區"]),
    row(610_000, "SN", "Shaanxi", "Shaanxi", "陕西省", "陕西", &["陕", "秦", "陝"], Kind::Province, WEST, &["陝西", "陝西省"]),
    row(620_000, "GS", "Gansu", "Gansu", "甘肃省", "甘肃", &["甘", "陇", "隴"], Kind::Province, WEST, &["甘肅", "甘肅省"]),
    row(630_000, "QH", "Qinghai", "Qinghai", "青海省", "青海", &["青"], Kind::Province, WEST, &[]),
    row(640_000, "NX", "Ningxia", "Ningxia", "宁夏回族自治区", "宁夏", &["宁", "寧"], AutonomousRegion(&["hui", "huizu"]), WEST, &["寧夏", "寧夏回族自治區"]),
    row(650_000, "XJ", "Xinjiang", "Xinjiang", "新疆维吾尔自治区", "新疆", &["新"], AutonomousRegion(UYGUR), WEST, &["新疆維吾爾自治區", "sinkiang"]),
    row(710_000, "TW", "Taiwan", "Taiwan", "台湾省", "台湾", &["台", "臺"], Kind::Province, NONE, &["臺灣", "臺灣省", "台灣", "台灣省", "臺湾", "chinesetaipei"]),
    row(810_000, "HK", "Hong Kong", "Xianggang", "香港特别行政区", "香港", &["港"], Sar, NONE, &["香港特別行政區"]),
    row(820_000, "MO", "Macau", "Aomen", "澳门特别行政区", "澳门", &["澳"], Sar, NONE, &["macao", "澳門", "澳門特別行政區"]),
];
