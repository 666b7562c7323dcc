//! The functions of the compiler itself (compiler-rt) that libraries may leave to others: 128-bit integers, and floating-point
//! numbers in software. Our own libraries contain those that they call; wheels for Emscripten import theirs.

use std::ffi::OsString;

use crate::toolchain::Toolchain;

const INTEGERS: [&str; 13] = [
    "__ashlti3",
    "__ashrti3",
    "__lshrti3",
    "__multi3",
    "__muloti4",
    "__mulodi4",
    "__divti3",
    "__modti3",
    "__divmodti4",
    "__udivti3",
    "__umodti3",
    "__udivmodti4",
    "__negti2",
];

/// Between 128-bit integers and floating-point numbers.
const CONVERSIONS: [&str; 12] = [
    "__fixsfti",
    "__fixdfti",
    "__fixtfti",
    "__fixunssfti",
    "__fixunsdfti",
    "__fixunstfti",
    "__floattisf",
    "__floattidf",
    "__floattitf",
    "__floatuntisf",
    "__floatuntidf",
    "__floatuntitf",
];

/// `long double`, which has 128 bits.
const LONG_DOUBLE: [&str; 28] = [
    "__addtf3",
    "__subtf3",
    "__multf3",
    "__divtf3",
    "__negtf2",
    "__powitf2",
    "__cmptf2",
    "__eqtf2",
    "__netf2",
    "__lttf2",
    "__letf2",
    "__gttf2",
    "__getf2",
    "__unordtf2",
    "__extendhftf2",
    "__extendsftf2",
    "__extenddftf2",
    "__trunctfhf2",
    "__trunctfsf2",
    "__trunctfdf2",
    "__fixtfsi",
    "__fixtfdi",
    "__fixunstfsi",
    "__fixunstfdi",
    "__floatsitf",
    "__floatditf",
    "__floatunsitf",
    "__floatunditf",
];

/// Half precision, complex numbers, and powers.
const OTHERS: [&str; 12] = [
    "__extendhfsf2",
    "__extendhfdf2",
    "__truncsfhf2",
    "__truncdfhf2",
    "__mulsc3",
    "__muldc3",
    "__multc3",
    "__divsc3",
    "__divdc3",
    "__divtc3",
    "__powisf2",
    "__powidf2",
];

/// Arguments for the linker that export them all, or none.
pub fn exports(toolchain: &Toolchain, all: bool) -> Vec<OsString> {
    if !all {
        return Vec::new();
    }
    let names = [&INTEGERS[..], &CONVERSIONS, &LONG_DOUBLE, &OTHERS].concat();
    let exports = names
        .iter()
        .map(|name| format!("-Wl,--export={name}").into());
    exports.chain([toolchain.builtins().into()]).collect()
}
