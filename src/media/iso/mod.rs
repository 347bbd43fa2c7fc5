//! ISO 9660 (placeholder until merge).
/// x
pub struct Iso;
impl super::FileMedium for Iso {
    fn extension(&self) -> &'static str {
        "iso"
    }
    fn write(
        &self,
        _: &super::tree::Tree,
        _: &super::Options,
        _: &mut dyn std::io::Write,
    ) -> anyhow::Result<()> {
        anyhow::bail!("x")
    }
}
