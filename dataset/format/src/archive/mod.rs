//! Archives of others: ZIP members are read one by one without unpacking, ZIP and tar archives are
//! written so that their bytes depend on names and contents alone.
//!
//! The crates `zip` and `tar` know the formats; this module says which of their freedoms are taken
//! (no time, no owner, one order, no compression of what is packed already), keeps few archives
//! open, and turns their errors into sentences.

mod tar_writer;
mod zip_reader;
mod zip_writer;

pub(crate) use tar_writer::TarWriter;
pub(crate) use zip_reader::ZipArchives;
pub(crate) use zip_writer::ZipWriter;
