//! Zip files with uncompressed members, for `zipimport`.
//!
//! Comes in: names and contents. Goes out: an archive without times, owners or compression.

use anyhow::Result;

/// 1980-01-01, the earliest date that the format knows.
const DATE: u16 = 1 << 5 | 1;

#[derive(Default)]
pub struct Writer {
    members: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Writer {
    pub fn new() -> Writer {
        Writer::default()
    }

    pub fn add(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let offset = u32::try_from(self.members.len())?;
        // Version, flags (UTF-8 names), method (stored), time, date, checksum, sizes, lengths of name and extra field.
        let mut common = Vec::new();
        for field in [10_u16, 1 << 11, 0, 0, DATE] {
            common.extend(field.to_le_bytes());
        }
        let size = u32::try_from(content.len())?;
        for field in [crc32fast::hash(content), size, size] {
            common.extend(field.to_le_bytes());
        }
        common.extend(u16::try_from(name.len())?.to_le_bytes());
        common.extend(0_u16.to_le_bytes());

        self.members.extend(b"PK\x03\x04");
        self.members.extend(&common);
        self.members.extend(name.as_bytes());
        self.members.extend(content);

        self.directory.extend(b"PK\x01\x02");
        self.directory.extend([10, 3]); // made by: Unix
        self.directory.extend(&common);
        // Lengths of comment, disk, internal attributes.
        self.directory.extend([0; 6]);
        self.directory.extend((0o100_644_u32 << 16).to_le_bytes());
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.count += 1;
        Ok(())
    }

    pub fn finish(self) -> Result<Vec<u8>> {
        let mut bytes = self.members;
        let start = u32::try_from(bytes.len())?;
        let size = u32::try_from(self.directory.len())?;
        bytes.extend(self.directory);
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend(self.count.to_le_bytes());
        bytes.extend(self.count.to_le_bytes());
        bytes.extend(size.to_le_bytes());
        bytes.extend(start.to_le_bytes());
        bytes.extend([0; 2]);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_the_sizes_of_the_format() {
        let mut writer = Writer::new();
        writer.add("a.pyc", b"abc").unwrap();
        let bytes = writer.finish().unwrap();
        let (local, central, end) = (30 + 5 + 3, 46 + 5, 22);
        assert_eq!(bytes.len(), local + central + end);
        assert_eq!(&bytes[local..local + 4], b"PK\x01\x02");
        assert_eq!(&bytes[local + central..local + central + 4], b"PK\x05\x06");
        // The end says where the directory starts.
        assert_eq!(
            bytes[bytes.len() - 6..bytes.len() - 2],
            u32::try_from(local).unwrap().to_le_bytes()
        );
    }
}
