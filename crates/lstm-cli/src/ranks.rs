//! Training under `mpirun`: the processes that MPI has started, behind the feature `mpi`.

use crate::error::CliError;
use lstm_train::{Processes, Single};
use std::env;

#[cfg(feature = "mpi")]
pub use with_mpi::World;
#[cfg(not(feature = "mpi"))]
pub use without_mpi::World;

/// Whether this process has a rank: `mpirun` of Open MPI or MPICH, or Slurm's `srun`, has started it.
fn has_rank() -> bool {
    ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"]
        .iter()
        .any(|name| env::var_os(name).is_some())
}

#[cfg(not(feature = "mpi"))]
mod without_mpi {
    use super::*;

    /// The number of processes that were started together with this one.
    fn started() -> usize {
        if !has_rank() {
            return 1;
        }
        let names = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_NTASKS"];
        let number = |name| env::var(name).ok()?.parse().ok();
        names.into_iter().find_map(number).unwrap_or(1)
    }

    /// This process alone.
    pub struct World;

    impl World {
        /// Refuses to be one of several processes, which would all train the same model.
        pub fn start() -> Result<Self, CliError> {
            match started() {
                1 => Ok(Self),
                count => Err(CliError::WithoutMpi { count }),
            }
        }

        pub fn processes(&self) -> Box<dyn Processes> {
            Box::new(Single)
        }

        pub fn expect<T>(self, result: Result<T, CliError>) -> Result<T, CliError> {
            result
        }
    }
}

#[cfg(feature = "mpi")]
mod with_mpi {
    use super::*;
    use crate::error::note;
    use crate::terminal;
    use mpi::Threading;
    use mpi::environment::Universe;
    use mpi::topology::SimpleCommunicator;
    use mpi::traits::{Communicator, Destination, Root, Source};
    use std::thread;

    /// The processes that `mpirun` has started. MPI ends with it.
    pub struct World(Option<Universe>);

    impl World {
        /// Starts MPI if `mpirun` has started this process. Ranks other than 0 print nothing but errors.
        pub fn start() -> Result<Self, CliError> {
            if !has_rank() {
                return Ok(Self(None));
            }
            let (universe, _) =
                mpi::initialize_with_threading(Threading::Funneled).ok_or(CliError::Mpi)?;
            if universe.world().rank() > 0 {
                terminal::mute(true);
            }
            Ok(Self(Some(universe)))
        }

        pub fn processes(&self) -> Box<dyn Processes> {
            match self.0 {
                Some(_) => Box::new(Ranks(SimpleCommunicator::world())),
                None => Box::new(Single),
            }
        }

        /// Ends all processes with an error: those that wait for this one would wait for ever.
        pub fn expect<T>(self, result: Result<T, CliError>) -> Result<T, CliError> {
            let (Some(universe), Err(error)) = (&self.0, &result) else {
                return result;
            };
            let world = universe.world();
            terminal::mute(false);
            note!("error: {error} (rank {})", world.rank());
            world.abort(1)
        }
    }

    impl Drop for World {
        /// A process that panics ends all: MPI would wait for the others, and they for this one.
        fn drop(&mut self) {
            if let (Some(universe), true) = (&self.0, thread::panicking()) {
                universe.world().abort(1);
            }
        }
    }

    struct Ranks(SimpleCommunicator);

    impl Processes for Ranks {
        fn rank(&self) -> usize {
            self.0.rank() as usize
        }

        fn count(&self) -> usize {
            self.0.size() as usize
        }

        fn send(&self, to: usize, bytes: &[u8]) {
            self.0.process_at_rank(to as i32).send(bytes);
        }

        fn receive(&self, from: usize, bytes: &mut [u8]) {
            self.0.process_at_rank(from as i32).receive_into(bytes);
        }

        fn broadcast(&self, from: usize, bytes: &mut [u8]) {
            self.0.process_at_rank(from as i32).broadcast_into(bytes);
        }
    }
}
