//! The writable memory of a process, sent through a pipe to another one.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;

/// Memory that lies in one piece.
pub(crate) struct Region {
    pub(crate) start: u64,
    /// `[heap]`, `[stack]`, a file, or nothing for thread stacks and the like.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Region {
    pub(crate) fn contains(&self, address: u64) -> bool {
        address
            .checked_sub(self.start)
            .is_some_and(|at| at < self.bytes.len() as u64)
    }
}

const CHUNK: usize = 1 << 16;

/// Writes all writable memory of this process.
pub(crate) fn send(out: &mut impl Write) -> std::io::Result<()> {
    let memory = File::open("/proc/self/mem")?;
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    let mut chunk = vec![0; CHUNK];
    for line in maps.lines() {
        let mut fields = line.split_ascii_whitespace();
        let (Some(range), Some(access)) = (fields.next(), fields.next()) else {
            continue;
        };
        let Some((start, end)) = range.split_once('-') else {
            continue;
        };
        let [Ok(start), Ok(end)] = [start, end].map(|hex| u64::from_str_radix(hex, 16)) else {
            continue;
        };
        if !access.starts_with("rw") {
            continue;
        }
        let name = fields.nth(3).unwrap_or_default().as_bytes();
        out.write_all(&[1])?;
        for number in [start, end - start, name.len() as u64] {
            out.write_all(&number.to_le_bytes())?;
        }
        out.write_all(name)?;
        for at in (start..end).step_by(CHUNK) {
            let len = usize::try_from(end - at).unwrap_or(CHUNK).min(CHUNK);
            // What can't be read holds nothing: it is no memory.
            if memory.read_exact_at(&mut chunk[..len], at).is_err() {
                chunk.fill(0);
            }
            out.write_all(&chunk[..len])?;
        }
    }
    // Not to be found in the next copy.
    chunk.fill(0);
    core::hint::black_box(&chunk);
    out.write_all(&[0])
}

/// Reads what [`send`] wrote.
pub(crate) fn receive(from: &mut impl Read) -> std::io::Result<Vec<Region>> {
    let mut regions = Vec::new();
    let mut more = [0];
    loop {
        from.read_exact(&mut more)?;
        if more == [0] {
            return Ok(regions);
        }
        let mut number = || {
            let mut bytes = [0; 8];
            from.read_exact(&mut bytes)
                .map(|()| u64::from_le_bytes(bytes))
        };
        let (start, len, name_len) = (number()?, number()?, number()?);
        let mut take = |len: u64| {
            let mut bytes = Vec::new();
            from.by_ref()
                .take(len)
                .read_to_end(&mut bytes)
                .map(|_| bytes)
        };
        let name = String::from_utf8_lossy(&take(name_len)?).into_owned();
        let bytes = take(len)?;
        regions.push(Region { start, name, bytes });
    }
}
