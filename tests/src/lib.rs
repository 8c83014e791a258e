//! This member holds integration tests only; see `it/`.
