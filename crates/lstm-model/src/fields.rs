//! A macro that implements the traits of a network's weights from a list of its fields.

/// Implements [`Parameters`](crate::Parameters) and [`Canonical`](crate::Canonical) from the list of
/// the fields that hold weights. The tensors are named after their field, or after the name given
/// with `as`.
///
/// The first form is for types that are generic over a layer or an engine, the second for types that
/// are generic over the scalar.
#[macro_export]
macro_rules! fields {
    ($network:ident<R: $bound:ident> { $($field:ident $(as $name:literal)?),+ $(,)? }) => {
        impl<R: $crate::$bound> $crate::Parameters for $network<R> {
            type Scalar = R::Scalar;
            $crate::fields!(@parameters R::Scalar, $($field),+);
        }

        impl<R: $crate::$bound<Scalar = f32>> $crate::Canonical for $network<R> {
            $crate::fields!(@canonical $($field $(as $name)?),+);
        }
    };
    ($part:ident<T> { $($field:ident $(as $name:literal)?),+ $(,)? }) => {
        impl<T: nalgebra::RealField + Copy> $crate::Parameters for $part<T> {
            type Scalar = T;
            $crate::fields!(@parameters T, $($field),+);
        }

        impl $crate::Canonical for $part<f32> {
            $crate::fields!(@canonical $($field $(as $name)?),+);
        }
    };
    (@parameters $scalar:ty, $($field:ident),+) => {
        fn slices(&self) -> Vec<&[$scalar]> {
            [$($crate::Parameters::slices(&self.$field)),+].concat()
        }

        fn slices_mut(&mut self) -> Vec<&mut [$scalar]> {
            let mut slices = Vec::new();
            $(slices.extend($crate::Parameters::slices_mut(&mut self.$field));)+
            slices
        }

        fn parameter_count(&self) -> usize {
            [$($crate::Parameters::parameter_count(&self.$field)),+].iter().sum()
        }
    };
    (@canonical $($field:ident $(as $name:literal)?),+) => {
        fn export(&self, prefix: &str, tensors: &mut $crate::Tensors) {
            $($crate::Canonical::export(
                &self.$field,
                &$crate::joined(prefix, $crate::fields!(@name $field $($name)?)),
                tensors,
            );)+
        }

        fn import(
            &mut self,
            prefix: &str,
            tensors: &mut $crate::Tensors,
        ) -> Result<(), $crate::ModelError> {
            $($crate::Canonical::import(
                &mut self.$field,
                &$crate::joined(prefix, $crate::fields!(@name $field $($name)?)),
                tensors,
            )?;)+
            Ok(())
        }
    };
    (@name $field:ident $name:literal) => { $name };
    (@name $field:ident) => { stringify!($field) };
}
