//! From a file to UTF-8: decompression and decoding, a piece at a time.

use std::fs::File as OsFile;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{DecoderResult, Encoding as Charset};
use flate2::read::MultiGzDecoder;

use super::Encoding;
use crate::error::TextError;
use crate::table::Watch;

/// Stands for bytes that no character has: it occurs in no UTF-8, so the reader sees it.
const MALFORMED: u8 = 0xFF;

/// Compressed data that unfold to more than this, and more than [`RATIO`] times their size, are
/// taken for a bomb. Tables of numbers seldom reach 50 times.
const ALLOWED: u64 = 64 << 20;
const RATIO: u64 = 250;

/// How much of a file tells its encoding.
const HEAD: u64 = 1 << 16;

/// A stream of bytes that are UTF-8 but for [`MALFORMED`] ones, and for a file in UTF-8 itself.
pub(super) type Input<'a> = Box<dyn Read + Send + 'a>;

/// A file on the disk, and who is told how much of it was read.
struct Raw<'a> {
    file: OsFile,
    watch: Option<Watch<'a>>,
}

impl Read for Raw<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        if let Some(watch) = self.watch {
            watch(n as u64);
        }
        Ok(n)
    }
}

/// Opens a file, decompressed by its name: `.gz`, `.zst`, or as it is.
fn unpacked<'a>(path: &Path, watch: Option<Watch<'a>>) -> io::Result<Input<'a>> {
    let file = OsFile::open(path)?;
    let size = file.metadata()?.len();
    let file = Raw { file, watch };
    let packed = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if !matches!(packed.as_str(), "gz" | "zst") {
        return Ok(Box::new(file));
    }
    let inner: Input<'a> = match packed.as_str() {
        "gz" => Box::new(MultiGzDecoder::new(io::BufReader::new(file))),
        _ => Box::new(zstd::Decoder::new(file)?),
    };
    Ok(Box::new(Unpacked { inner, size, out: 0 }))
}

/// Decompressed data: damage has a name, and their size a bound.
struct Unpacked<'a> {
    inner: Input<'a>,
    /// Of the compressed file.
    size: u64,
    out: u64,
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let damaged = |error: io::Error| {
            if error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            io::Error::other(TextError::Damaged { reason: error.to_string() })
        };
        let n = self.inner.read(buffer).map_err(damaged)?;
        self.out += n as u64;
        if self.out > ALLOWED && self.out / RATIO > self.size {
            return Err(io::Error::other(TextError::Bomb { times: RATIO }));
        }
        Ok(n)
    }
}

/// Opens a file as UTF-8.
pub(super) fn open<'a>(
    path: &Path,
    encoding: Encoding,
    watch: Option<Watch<'a>>,
) -> io::Result<Input<'a>> {
    let inner = unpacked(path, watch)?;
    if encoding == Encoding::Utf8 {
        return Ok(inner);
    }
    Ok(Box::new(Decoded::new(inner, charset(encoding))))
}

pub(crate) fn charset(encoding: Encoding) -> &'static Charset {
    match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Gb18030 => encoding_rs::GB18030,
        Encoding::Utf16Le => encoding_rs::UTF_16LE,
        Encoding::Utf16Be => encoding_rs::UTF_16BE,
        Encoding::Big5 => encoding_rs::BIG5,
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252,
    }
}

/// Text of another encoding as UTF-8.
struct Decoded<'a> {
    inner: Input<'a>,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    /// What of `raw` is not decoded yet.
    rest: std::ops::Range<usize>,
    text: Vec<u8>,
    /// What of `text` is not handed out yet.
    ready: std::ops::Range<usize>,
    last: bool,
    done: bool,
}

impl<'a> Decoded<'a> {
    fn new(inner: Input<'a>, charset: &'static Charset) -> Self {
        Self {
            inner,
            decoder: charset.new_decoder_without_bom_handling(),
            raw: vec![0; 1 << 16],
            rest: 0..0,
            text: vec![0; 1 << 17],
            ready: 0..0,
            last: false,
            done: false,
        }
    }

    /// Decodes the next piece; `ready` stays empty at the end alone.
    fn decode(&mut self) -> io::Result<()> {
        while self.ready.is_empty() && !self.done {
            if self.rest.is_empty() && !self.last {
                let n = self.inner.read(&mut self.raw)?;
                self.rest = 0..n;
                self.last = n == 0;
            }
            // A byte stays free for the mark of what is malformed.
            let room = self.text.len() - 1;
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                &self.raw[self.rest.clone()],
                &mut self.text[..room],
                self.last,
            );
            self.rest.start += read;
            self.ready = 0..written;
            match result {
                DecoderResult::Malformed(..) => {
                    self.text[written] = MALFORMED;
                    self.ready.end += 1;
                }
                DecoderResult::InputEmpty => self.done = self.last,
                DecoderResult::OutputFull => {}
            }
        }
        Ok(())
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decode()?;
        let n = self.ready.len().min(buffer.len());
        buffer[..n].copy_from_slice(&self.text[self.ready.start..self.ready.start + n]);
        self.ready.start += n;
        Ok(n)
    }
}

/// The encoding that the first bytes of a file tell: by a byte order mark, or by zeros at every
/// other byte.
pub(super) fn guess(path: &Path) -> io::Result<Option<Encoding>> {
    let mut head = Vec::new();
    unpacked(path, None)?.take(HEAD).read_to_end(&mut head)?;
    let marks: [(&[u8], Encoding); 4] = [
        (b"\xef\xbb\xbf", Encoding::Utf8),
        (b"\xff\xfe", Encoding::Utf16Le),
        (b"\xfe\xff", Encoding::Utf16Be),
        (b"\x84\x31\x95\x33", Encoding::Gb18030),
    ];
    if let Some((_, encoding)) = marks.iter().find(|(mark, _)| head.starts_with(mark)) {
        return Ok(Some(*encoding));
    }
    // Digits, delimiters and line ends have a zero byte in UTF-16, always on the same side.
    let zeros = |side| head.iter().skip(side).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let wide = (even == 0 || odd == 0) && (even + odd) * 8 > head.len();
    Ok(wide.then_some(if odd > 0 { Encoding::Utf16Le } else { Encoding::Utf16Be }))
}

/// What a file is that is not UTF-8 throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Survey {
    /// GB18030, but perhaps for a few cells.
    Gb18030,
    /// UTF-8, but for a few cells.
    Utf8,
    /// Neither.
    Unknown,
}

/// Reads all of a file that is not UTF-8 to say what it is instead.
pub(super) fn survey(path: &Path) -> io::Result<Survey> {
    let mut input = unpacked(path, None)?;
    let mut decoder = encoding_rs::GB18030.new_decoder_without_bom_handling();
    let (mut raw, mut text) = (vec![0; 1 << 20], vec![0; 1 << 16]);
    // Bytes of characters in UTF-8 and of none; bytes beyond ASCII, and those between ASCII ones.
    let (mut good, mut bad, mut high, mut lonely) = (0, 0, 0, 0);
    let (mut malformed, mut before) = (0, [0u8; 2]);
    loop {
        let n = input.read(&mut raw)?;
        let piece = &raw[..n];
        for chunk in piece.utf8_chunks() {
            good += chunk.valid().bytes().filter(|byte| !byte.is_ascii()).count();
            bad += chunk.invalid().len();
        }
        for &byte in piece {
            high += usize::from(!byte.is_ascii());
            let alone = before[0].is_ascii() && !before[1].is_ascii() && byte.is_ascii();
            lonely += usize::from(alone);
            before = [before[1], byte];
        }
        let mut rest = piece;
        loop {
            let (result, read, _) =
                decoder.decode_to_utf8_without_replacement(rest, &mut text, n == 0);
            rest = &rest[read..];
            match result {
                DecoderResult::Malformed(..) => malformed += 1,
                DecoderResult::OutputFull => {}
                DecoderResult::InputEmpty => break,
            }
        }
        if n == 0 {
            break;
        }
    }
    // By chance, a character in six of GB18030 looks like UTF-8; UTF-8 looks like pairs half the time.
    Ok(if good > bad {
        Survey::Utf8
    } else if lonely * 4 <= high && malformed * 10 <= high {
        Survey::Gb18030
    } else {
        Survey::Unknown
    })
}
