use rustix::time::{ClockId, clock_gettime};
fn now() -> f64 { let t = clock_gettime(ClockId::ThreadCPUTime); t.tv_sec as f64 * 1e9 + t.tv_nsec as f64 }
fn main() { 
  let key = secp256k1::Keypair::from_secret_bytes([3;32]).unwrap(); let s = secp256k1::schnorr::sign_no_aux_rand(&[1;32], &key); let x = key.x_only_public_key().0;
  let mut v: [Vec<f64>;3] = Default::default();
  for _ in 0..60 {
    let t = now(); for _ in 0..20 { secp256k1::schnorr::verify(&s, &[1;32], &x).unwrap(); } v[2].push((now()-t)/20.0);
    for w in 0..2u32 { let t = now(); let n = if w==0 {20} else {2}; schnorr_batch::bench_hook(w, n); v[w as usize].push((now()-t)/(n*256) as f64); } }
  for v in &mut v { v.sort_by(f64::total_cmp); }
  println!("libsecp {:.0} / {:.0}; lift ifma {:.1} med {:.1} min; portable {:.1} med {:.1} min; ratio-med {:.5} min {:.5}", v[2][30], v[2][0], v[0][30], v[0][0], v[1][30], v[1][0], v[0][30]/v[2][30], v[0][0]/v[2][0]);
}
