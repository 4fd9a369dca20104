//! Whether this processor can run the program at all.
//!
//! The whole program is compiled for x86-64-v3, so the usual run-time detection is decided when
//! it is compiled and says yes; the processor itself must be asked, before anything else runs.

/// Instruction sets that the program needs and the processor lacks; empty when it can run.
#[cfg(target_arch = "x86_64")]
pub(crate) fn missing_features() -> Vec<&'static str> {
    use std::arch::x86_64::{__cpuid, __cpuid_count};

    const FMA: u32 = 1 << 12;
    const MOVBE: u32 = 1 << 22;
    const OSXSAVE: u32 = 1 << 27;
    const AVX: u32 = 1 << 28;
    const F16C: u32 = 1 << 29;
    const BMI1: u32 = 1 << 3;
    const AVX2: u32 = 1 << 5;
    const BMI2: u32 = 1 << 8;
    const LZCNT: u32 = 1 << 5;

    let leaf_max = __cpuid(0).eax;
    let basic = __cpuid(1).ecx;
    let more = if leaf_max >= 7 {
        __cpuid_count(7, 0).ebx
    } else {
        0
    };
    let extended_max = __cpuid(0x8000_0000).eax;
    let extended = if extended_max >= 0x8000_0001 {
        __cpuid(0x8000_0001).ecx
    } else {
        0
    };
    let wanted = [
        ("AVX", basic & AVX != 0 && basic & OSXSAVE != 0),
        ("AVX2", more & AVX2 != 0),
        ("FMA", basic & FMA != 0),
        ("F16C", basic & F16C != 0),
        ("MOVBE", basic & MOVBE != 0),
        ("BMI1", more & BMI1 != 0),
        ("BMI2", more & BMI2 != 0),
        ("LZCNT", extended & LZCNT != 0),
    ];
    wanted
        .into_iter()
        .filter(|(_, found)| !found)
        .map(|(name, _)| name)
        .collect()
}

/// Nothing beyond the target's own baseline is used.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn missing_features() -> Vec<&'static str> {
    Vec::new()
}

/// The baseline the program is compiled for, as its users know it.
pub(crate) const BASELINE: &str = if cfg!(target_arch = "x86_64") {
    "x86-64-v3 (AVX2, FMA)"
} else {
    std::env::consts::ARCH
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_that_runs_this_test_can_run_the_program() {
        assert_eq!(missing_features(), Vec::<&str>::new());
    }
}
