use super::Measured;

pub(super) fn update() -> Measured {
    Err("".into())
}
