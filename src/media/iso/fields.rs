//! Numbers and texts as volume descriptors and records hold them.
//!
//! ECMA-119 7.2.3 and 7.3.3 record a number twice, little-endian and then big-endian; 7.4 pads texts with spaces.
//! Joliet texts are UCS-2, big-endian. Texts that are too long for their field are cut: callers check lengths first.

/// A 16-bit number in both byte orders (7.2.3).
pub(super) fn both_u16(value: u16) -> [u8; 4] {
    let [a, b] = value.to_le_bytes();
    [a, b, b, a]
}

/// A 32-bit number in both byte orders (7.3.3).
pub(super) fn both_u32(value: u32) -> [u8; 8] {
    let [a, b, c, d] = value.to_le_bytes();
    [a, b, c, d, d, c, b, a]
}

/// An ASCII text in a field of `width` bytes, filled with spaces.
pub(super) fn ascii(text: &str, width: usize) -> Vec<u8> {
    let mut field: Vec<u8> = text.bytes().take(width).collect();
    field.resize(width, b' ');
    field
}

/// A text in a Joliet field of `width` bytes, filled with UCS-2 spaces. The last byte of an odd field is zero.
pub(super) fn ucs2(text: &str, width: usize) -> Vec<u8> {
    let units = text.encode_utf16().chain(std::iter::repeat(u16::from(b' '))).take(width / 2);
    let mut field: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
    field.resize(width, 0);
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_recorded_in_both_byte_orders() {
        assert_eq!(both_u16(0x1234), [0x34, 0x12, 0x12, 0x34]);
        assert_eq!(both_u32(0x1234_5678), [0x78, 0x56, 0x34, 0x12, 0x12, 0x34, 0x56, 0x78]);
    }

    #[test]
    fn texts_fill_their_fields() {
        assert_eq!(ascii("AB", 4), b"AB  ");
        assert_eq!(ascii("ABCDE", 4), b"ABCD");
        assert_eq!(ucs2("A", 5), [0, b'A', 0, b' ', 0]);
    }
}
