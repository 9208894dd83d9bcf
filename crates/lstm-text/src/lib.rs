//! From text to batches of token ids, and back to text.
//!
//! ```text
//! file or standard input
//!   ─ read_text      → String           UTF-8, checked, and not larger than an InputLimit
//!   ─ Normalization  → String           one kind of line end, NFC if asked
//!   ─ Vocabulary     → Vec<u32>         one id for each character: s_1 … s_N
//!   ─ split          → train │ val      the end of the text is for validation
//!   ─ Windows        → Batch            overlapping, to be read in any order        ┐ ids, targets
//!   ─ Streams        → Batch            contiguous, so that the state carries over  ┘ and mask, T×B
//! ids ─ Vocabulary::decode → String
//! ```
//!
//! The applications read words and subwords: [`pretokenize`] cuts a text into words, [`WordVocabulary`]
//! gives ids to the frequent ones, and [`BytePair`] encodes any word as frequent subwords. The
//! [`Tokenizer`] of a language model has characters or subwords as its tokens, and its [`Decoder`] turns
//! ids back into text one at a time, as a model generates them.
//!
//! This is the article's section 项目实践·数据预处理 (data preprocessing), corrected. In the article:
//!
//! - Every window of 100 characters becomes a row of `X`, and every target a dense one-hot vector in
//!   `Y`. The text of tiny-shakespeare has 1,115,394 characters, 65 of them distinct, so `Y` has
//!   1,115,294 × 100 × 65 numbers: 29 GB at 4 bytes each. Here a window is a view of the ids. A target
//!   is an id, because E21 needs only p_t\[y_t\], and multiplying by the one-hot input of E19 selects a
//!   column.
//! - Every character is predicted in up to 100 windows of one epoch. With [`Streams`], each character is
//!   predicted once, and each chunk begins where the one before it ended.
//! - A character becomes the number index / V. This puts `b` between `a` and `c`, an order that letters
//!   do not have, and the gates must distinguish 65 characters by one number. Here an id is only a name,
//!   and E19 gives each character its own vector.
//! - `open` uses the encoding of the platform, and an unknown character raises a `KeyError`. Here the
//!   encoding is UTF-8, and [`Vocabulary::encode`] names the character and its position.
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
//! *Invariant:* this crate has no matrices and draws no random numbers. The memory it uses grows with the
//! text and with one batch, never with text × window or text × vocabulary.

mod limit;
mod input;
mod read;
mod not_text;
mod file_format;
mod encodings;
mod normalize;
mod vocabulary;
mod encode;
mod similar;
mod special;
mod pretokenize;
mod words;
mod byte_pair;
mod tokenizer;
mod decoder;
mod split;
mod batch;
mod windows;
mod streams;
mod count;
mod advice;
mod error;

pub use batch::Batch;
pub use byte_pair::BytePair;
pub use count::{counted, plural};
pub use decoder::Decoder;
pub use encode::{Encoded, Unknown};
pub use encodings::Reading;
pub use error::TextError;
pub use file_format::{FileFormat, file_format};
pub use input::Input;
pub use limit::{ByteSize, InputLimit, read_at_most};
pub use normalize::Normalization;
pub use pretokenize::pretokenize;
pub use read::{read_text, text_from_utf8};
pub use special::{BEGIN, END, PAD, UNKNOWN};
pub use split::split;
pub use streams::Streams;
pub use tokenizer::Tokenizer;
pub use vocabulary::Vocabulary;
pub use windows::Windows;
pub use words::WordVocabulary;
