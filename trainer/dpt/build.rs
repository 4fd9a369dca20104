//! Links LibTorch so that the binary finds it where it was built, and sees the GPU.
//!
//! Without these flags the executable has no run path, and the linker drops `libtorch_cuda`,
//! which no symbol names, so that no GPU is ever found.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let Ok(lib) = std::env::var("DEP_TCH_LIBTORCH_LIB") else {
        return;
    };
    if std::env::var("CARGO_CFG_TARGET_FAMILY").as_deref() != Ok("unix") {
        return;
    }
    println!("cargo:rustc-link-arg=-Wl,-rpath,{lib}");
    if Path::new(&lib).join("libtorch_cuda.so").exists() {
        let keep = "-Wl,--no-as-needed";
        let drop = "-Wl,--as-needed";
        for flag in [keep, &format!("-L{lib}"), "-ltorch_cuda", "-ltorch", drop] {
            println!("cargo:rustc-link-arg={flag}");
        }
    }
}
