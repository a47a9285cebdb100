use chacha20::ChaCha20Rng; use chacha20::rand_core::{Rng, SeedableRng};
use schnorr_batch::*; use secp256k1::{Keypair, schnorr};
fn main(){ let n:usize=std::env::args().nth(1).unwrap().parse().unwrap(); let k:usize=std::env::args().nth(2).unwrap().parse().unwrap(); let port=std::env::args().nth(3).is_some();
 let mut rng = ChaCha20Rng::from_seed([0; 32]); let mut b=||{let mut b=[0u8;32]; rng.fill_bytes(&mut b); b};
 let l: Vec<_>=(0..n).map(|_|{let p=Keypair::from_secret_bytes(b()).unwrap(); let m=b(); let s=schnorr::sign_no_aux_rand(&m,&p).to_byte_array(); (p.x_only_public_key().0.to_byte_array(),m,s)}).collect();
 let items: Vec<_>=l.iter().map(|(k,m,s)|Item::new(*k,m,s)).collect();
 let be=if port {Backend::PORTABLE} else {Backend::best()};
 for _ in 0..k { verify_batch_on(be,&items,&mut rng).unwrap(); } }
