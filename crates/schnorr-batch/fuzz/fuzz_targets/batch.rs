#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| schnorr_batch_fuzz::batch(data));
