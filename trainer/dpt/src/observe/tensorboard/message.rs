//! The messages of TensorBoard's event files, as far as we write them: `event.proto`,
//! `summary.proto`, `tensor.proto` of TensorFlow (numbers of fields are theirs).

use prost::{Message, Oneof};

/// One entry of an event file.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    pub(super) wall_time: f64,
    #[prost(int64, tag = "2")]
    pub(super) step: i64,
    #[prost(oneof = "What", tags = "3, 5, 7")]
    pub(super) what: Option<What>,
}

/// What an entry holds.
#[derive(Clone, PartialEq, Oneof)]
pub(super) enum What {
    #[prost(string, tag = "3")]
    FileVersion(String),
    #[prost(message, tag = "5")]
    Summary(Summary),
    #[prost(message, tag = "7")]
    SessionLog(SessionLog),
}

/// A start or an end of the process.
#[derive(Clone, PartialEq, Message)]
pub(super) struct SessionLog {
    #[prost(int32, tag = "1")]
    status: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub(super) value: Vec<Value>,
}

/// A value with its name.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(message, optional, tag = "9")]
    metadata: Option<Metadata>,
    #[prost(oneof = "Content", tags = "2, 4, 8")]
    content: Option<Content>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Content {
    #[prost(float, tag = "2")]
    SimpleValue(f32),
    #[prost(message, tag = "4")]
    Image(Image),
    #[prost(message, tag = "8")]
    Tensor(Strings),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Image {
    #[prost(int32, tag = "1")]
    height: i32,
    #[prost(int32, tag = "2")]
    width: i32,
    /// Channels: 3 is RGB.
    #[prost(int32, tag = "3")]
    colorspace: i32,
    #[prost(bytes = "vec", tag = "4")]
    encoded_image_string: Vec<u8>,
}

/// Which panel shows a tensor, and of what kind it is.
#[derive(Clone, PartialEq, Message)]
struct Metadata {
    #[prost(message, optional, tag = "1")]
    plugin_data: Option<PluginData>,
    #[prost(int32, tag = "4")]
    data_class: i32,
}

#[derive(Clone, PartialEq, Message)]
struct PluginData {
    #[prost(string, tag = "1")]
    plugin_name: String,
}

/// A tensor of texts.
#[derive(Clone, PartialEq, Message)]
struct Strings {
    #[prost(int32, tag = "1")]
    dtype: i32,
    #[prost(message, optional, tag = "2")]
    tensor_shape: Option<Shape>,
    #[prost(bytes = "vec", repeated, tag = "8")]
    string_val: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct Shape {
    #[prost(message, repeated, tag = "2")]
    dim: Vec<Dim>,
}

#[derive(Clone, PartialEq, Message)]
struct Dim {
    #[prost(int64, tag = "1")]
    size: i64,
}

/// `DT_STRING` of `types.proto`.
const DT_STRING: i32 = 7;
/// `DATA_CLASS_TENSOR` of `summary.proto`.
const DATA_CLASS_TENSOR: i32 = 2;
/// `START` of `SessionLog.SessionStatus`.
const SESSION_START: i32 = 1;
const RGB_CHANNELS: i32 = 3;

impl SessionLog {
    pub(super) fn start() -> Self {
        Self {
            status: SESSION_START,
        }
    }
}

impl Image {
    pub(super) fn png([width, height]: [usize; 2], png: Vec<u8>) -> Self {
        Self {
            height: height as i32,
            width: width as i32,
            colorspace: RGB_CHANNELS,
            encoded_image_string: png,
        }
    }
}

impl Value {
    pub(super) fn scalar(tag: String, value: f64) -> Self {
        Self::of(tag, Content::SimpleValue(value as f32))
    }

    pub(super) fn image(tag: String, image: Image) -> Self {
        Self::of(tag, Content::Image(image))
    }

    pub(super) fn text(tag: String, text: &str) -> Self {
        let strings = Strings {
            dtype: DT_STRING,
            tensor_shape: Some(Shape {
                dim: vec![Dim { size: 1 }],
            }),
            string_val: vec![text.as_bytes().to_vec()],
        };
        let plugin_data = PluginData {
            plugin_name: "text".into(),
        };
        Self {
            metadata: Some(Metadata {
                plugin_data: Some(plugin_data),
                data_class: DATA_CLASS_TENSOR,
            }),
            ..Self::of(tag, Content::Tensor(strings))
        }
    }

    fn of(tag: String, content: Content) -> Self {
        Self {
            tag,
            metadata: None,
            content: Some(content),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_has_the_bytes_of_the_protocol() {
        let event = Event {
            wall_time: 2.0,
            step: 300,
            what: Some(What::Summary(Summary {
                value: vec![Value::scalar("a/b".into(), 0.5)],
            })),
        };
        let wanted = [
            // Field 1, eight bytes: 2.0.
            &[0x09, 0, 0, 0, 0, 0, 0, 0, 0x40][..],
            // Field 2, varint: 300.
            &[0x10, 0xac, 0x02],
            // Field 5, 12 bytes: a summary of one value of 10 bytes.
            &[0x2a, 12, 0x0a, 10],
            // Its field 1, 3 bytes: the tag; its field 2, four bytes: 0.5.
            &[0x0a, 3, b'a', b'/', b'b', 0x15, 0, 0, 0, 0x3f],
        ];
        assert_eq!(event.encode_to_vec(), wanted.concat());
    }

    #[test]
    fn a_file_begins_with_its_version() {
        let event = Event {
            wall_time: 0.0,
            step: 0,
            what: Some(What::FileVersion("brain.Event:2".into())),
        };
        let wanted = [&[0x1a, 13][..], b"brain.Event:2"].concat();
        assert_eq!(event.encode_to_vec(), wanted);
    }
}
