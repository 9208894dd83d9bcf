//! From text to batches of token ids, and back to text.
//!
//! ```text
//! file or standard input
//!   ─ read_text      → String           UTF-8, checked
//!   ─ Normalization  → String           one kind of line end, NFC if asked
//!   ─ Vocabulary     → Vec<u32>         one id for each character: s_1 … s_N
//!   ─ split          → train │ val      the end of the text validates
//!   ─ Windows        → Batch            overlapping, in an order the caller draws   ┐ ids, targets
//!   ─ Streams        → Batch            contiguous, so that the state carries over  ┘ and mask, T×B
//! ids ─ Vocabulary::decode → String
//! ```
//!
//! The applications read words and parts of words: [`pieces`] cuts a text, [`WordVocabulary`] names
//! the frequent words, and [`BytePair`] writes any word in parts that are frequent. A language model's
//! [`Tokenizer`] is of characters or of such parts.
//!
//! This is the article's section 项目实践·数据预处理 (data preprocessing) put right. There:
//!
//! - Every window of 100 characters becomes a row of `X`, and every target a dense one-hot vector in
//!   `Y`. The text of tiny-shakespeare has 1,115,394 characters of 65 kinds, so `Y` has
//!   1,115,294 × 100 × 65 numbers: 29 GB at 4 bytes each. Here a window is a view of the ids; a
//!   target is an id, for E21 needs p_t\[y_t\] alone, and the one-hot input of E19 is the choice of
//!   a column.
//! - Every character is predicted in up to 100 windows of one epoch. [`Streams`] predict each
//!   character once, and each chunk begins where the one before it ended.
//! - A character becomes the number index / V. That says that `b` lies between `a` and `c`, an order
//!   which letters do not have, and leaves the gates one number to tell 65 letters apart. Ids are
//!   names; E19 gives each its own vector.
//! - `open` takes the encoding of the platform, and a character the text did not have is a `KeyError`.
//!   Here the encoding is UTF-8 and [`Vocabulary::encode`] names the character and its place.
//!
//! ```
//! use lstm_text::{Normalization, Streams, Vocabulary, split};
//!
//! let text = Normalization::default().apply("to be or\r\nnot to be");
//! let vocabulary = Vocabulary::from_text(&text)?;
//! let ids = vocabulary.encode(&text)?;
//! let (train, val) = split(&ids, 0.25)?;
//! assert_eq!((train.len(), val.len()), (13, 5));
//!
//! // 12 characters to predict: 2 streams of 6, in chunks of 4 and 2 steps.
//! let streams = Streams::new(train, 2, 4)?;
//! let chunk = streams.chunk(0);
//! let second_stream = chunk.columns(1..2);
//! assert_eq!(vocabulary.decode(&second_stream.inputs)?, "or\nn");
//! assert_eq!(vocabulary.decode(&second_stream.targets)?, "r\nno");
//! # Ok::<(), lstm_text::TextError>(())
//! ```
//!
//! *Invariant:* this crate knows no matrix and draws no random number. Its memory is proportional to
//! the text and to one batch, never to text × window or text × vocabulary.

mod read;
mod normalize;
mod vocabulary;
mod encode;
mod similar;
mod special;
mod pieces;
mod words;
mod byte_pair;
mod tokenizer;
mod split;
mod batch;
mod windows;
mod streams;
mod error;

pub use batch::Batch;
pub use byte_pair::BytePair;
pub use encode::{Encoded, Unknown};
pub use error::TextError;
pub use normalize::Normalization;
pub use pieces::pieces;
pub use read::{read_bytes, read_text, text_from_utf8};
pub use special::{BEGIN, END, PAD, UNKNOWN};
pub use split::split;
pub use streams::Streams;
pub use tokenizer::Tokenizer;
pub use vocabulary::Vocabulary;
pub use windows::Windows;
pub use words::WordVocabulary;
