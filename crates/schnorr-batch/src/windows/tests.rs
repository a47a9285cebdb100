use super::*;
use crate::backend::Backend;
use crate::curve::GENERATOR;
use crate::field::{P, from_bytes, to_bytes};
use crate::glv::whole;
use crate::scalar::subtract;
use alloc::vec;
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{ProjectivePoint, Scalar};
use proptest::prelude::*;

/// k times the generator, by k256.
fn point(k: u64) -> Affine {
    let point = (ProjectivePoint::GENERATOR * Scalar::from(k)).to_affine();
    Affine { x: from_bytes(&point.x().into()), y: from_bytes(&point.y().into()) }
}

fn opposite(point: Affine) -> Affine {
    Affine { y: subtract(&P, &point.y).0, ..point }
}

/// Σ scalar · point, in every width and on every back end, beside Σ scalar · k times the generator.
fn agree(terms: &[(i64, i128)]) {
    let points: Vec<Affine> = terms
        .iter()
        .map(|(k, _)| {
            let point = point(k.unsigned_abs());
            if *k < 0 { opposite(point) } else { point }
        })
        .collect();
    let scalar = |value: i128| {
        let size = Scalar::from(value.unsigned_abs());
        if value < 0 { -size } else { size }
    };
    let sum = terms.iter().map(|(k, by)| scalar(i128::from(*k)) * scalar(*by)).sum::<Scalar>();
    let want = (ProjectivePoint::GENERATOR * sum).to_affine();
    for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
        for width in [3, 4, 5, 8, 10] {
            let scalars = terms.iter().map(|(_, by)| whole(*by)).collect();
            let digits = Digits::new(scalars, width);
            let sums = backend.window_sums(&points, &digits, 0..digits.windows());
            assert_eq!(sums.len(), digits.windows());
            let got = combine(&sums, width);
            let infinity = bool::from(k256::elliptic_curve::group::CurveAffine::is_identity(&want));
            assert_eq!(got.is_infinity(), infinity, "{backend:?} {width}");
            if !infinity {
                let inverse = crate::field::Element::new(got.z.scatter()[0]).inverse();
                let affine =
                    |value: [u64; 4]| crate::field::Element::new(value).mul(inverse).normalised();
                assert_eq!(to_bytes(&affine(got.x.scatter()[0])), <[u8; 32]>::from(want.x()));
                assert_eq!(to_bytes(&affine(got.y.scatter()[0])), <[u8; 32]>::from(want.y()));
            }
        }
    }
}

#[test]
fn one_point_with_every_size_of_scalar() {
    for by in [1, -1, 2, 7, 8, -8, 1 << 20, i128::MAX, i128::MIN, -12_345_678_901_234_567_890] {
        agree(&[(1, by)]);
    }
    agree(&[(5, 0)]);
}

#[test]
fn attack_21_equal_points_in_one_bucket() {
    for count in 2..40 {
        agree(&vec![(3, 0x1234_5678_9ABC_DEF0); count]);
    }
}

#[test]
fn attack_21_opposite_points_in_one_bucket() {
    for count in 1..20 {
        let terms: Vec<_> =
            (0..2 * count).map(|at| (if at % 2 == 0 { 3 } else { -3 }, 77 << 60)).collect();
        agree(&terms);
    }
    agree(&[(3, 9), (3, -9), (4, 9)]);
    agree(&[(3, 9), (-3, 9), (4, 9), (4, 9), (-8, 9)]);
}

/// Sums that meet only in later rounds: 1 + 2 and 3, 1 + 3 and 4, and so on, and their opposites.
#[test]
fn attack_21_sums_that_collide_in_later_rounds() {
    for list in [&[1, 2, 3, 3][..], &[1, 2, 3], &[1, 2, -3], &[1, 2, -1, -2], &[1, 3, 2, 2, 8]] {
        let terms: Vec<_> = list.iter().map(|k| (*k, 0x0101_0101_0101)).collect();
        agree(&terms);
        agree(&terms.iter().chain(&terms).copied().collect::<Vec<_>>());
    }
}

#[test]
fn a_point_and_its_image() {
    let mut image = [GENERATOR];
    Backend::PORTABLE.endomorphism(&[GENERATOR], &mut image);
    assert!(image[0].x != GENERATOR.x && image[0].y == GENERATOR.y);
    for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
        // 1 + λ + λ² = 0: three images of a point are on a line.
        let mut second = [GENERATOR];
        backend.endomorphism(&image, &mut second);
        let points = [GENERATOR, image[0], second[0]];
        let digits = Digits::new(vec![whole(5); 3], 4);
        let sums = backend.window_sums(&points, &digits, 0..digits.windows());
        assert!(combine(&sums, 4).is_infinity());
    }
}

#[test]
fn lifting_agrees_with_k256_at_every_length() {
    for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
        for len in 1..=60 {
            let xs = (0..len).map(|at| [at as u64 * 7 + len as u64, at as u64, 0, 1]);
            let mut points: Vec<Affine> = xs.map(|x| Affine { x, y: [9; 4] }).collect();
            let mut on_curve = vec![true; len];
            backend.lift(&mut points, &mut on_curve);
            for (point, on_curve) in points.iter().zip(on_curve) {
                let want = k256::schnorr::VerifyingKey::from_slice(&to_bytes(&point.x)).ok();
                assert_eq!(on_curve, want.is_some());
                if let Some(want) = want {
                    assert_eq!(to_bytes(&point.y), <[u8; 32]>::from(want.as_affine().y()));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn sums_of_few_points_that_often_meet(
        terms in prop::collection::vec((-4_i64..=4, -3_i128..=3), 1..60),
    ) {
        let terms: Vec<_> = terms.into_iter().map(|(k, by)| (if k == 0 { 5 } else { k }, by << 40)).collect();
        agree(&terms);
    }

    #[test]
    fn sums_of_random_points(
        terms in prop::collection::vec((1_i64.., any::<i128>()), 1..60),
    ) {
        agree(&terms);
    }
}
