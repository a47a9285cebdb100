#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| isonomy_fuzz::schnorr(data));
