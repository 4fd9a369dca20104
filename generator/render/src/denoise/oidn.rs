//! Open Image Denoise 2, opened at run time where it is installed.
//!
//! A neural network that knows pictures. Its bytes depend on the processor and on the version of
//! the library, so no picture that must be made again to the bit may pass through it.
#![allow(
    unsafe_code,
    reason = "a library of another language is called; nothing else in this file does anything"
)]

use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::ptr::{null, null_mut};

use glam::Vec3;

use super::Noisy;
use crate::error::RenderError;

type Handle = *mut c_void;
type NewDevice = unsafe extern "C" fn(c_int) -> Handle;
type SetInt = unsafe extern "C" fn(Handle, *const c_char, c_int);
type SetBool = unsafe extern "C" fn(Handle, *const c_char, bool);
type Act = unsafe extern "C" fn(Handle);
type NewFilter = unsafe extern "C" fn(Handle, *const c_char) -> Handle;
type SetImage = unsafe extern "C" fn(
    Handle,
    *const c_char,
    *mut c_void,
    c_int,
    usize,
    usize,
    usize,
    usize,
    usize,
);
type GetError = unsafe extern "C" fn(Handle, *mut *const c_char) -> c_int;

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> Handle;
    fn dlsym(library: Handle, name: *const c_char) -> Handle;
}

const RTLD_NOW: c_int = 2;

// Numbers of the C header `oidn.h`.
const DEVICE_CPU: c_int = 1;
const FORMAT_FLOAT3: c_int = 3;

/// Name by which the system's loader finds the library.
pub const LIBRARY: &str = "libOpenImageDenoise.so.2";

/// The library with one device that computes on one thread.
///
/// One thread: samples are made in parallel, and its sums keep one order.
#[derive(Debug)]
pub struct OpenImageDenoise {
    device: Handle,
    functions: Functions,
}

#[derive(Clone, Copy, Debug)]
struct Functions {
    set_device_int: SetInt,
    commit_device: Act,
    release_device: Act,
    device_error: GetError,
    new_filter: NewFilter,
    set_image: SetImage,
    set_filter_bool: SetBool,
    commit_filter: Act,
    execute_filter: Act,
    release_filter: Act,
}

// SAFETY: the library documents devices as safe to use from any thread, each call locking them,
// and the functions are plain addresses of code that is never unloaded.
unsafe impl Send for OpenImageDenoise {}
// SAFETY: as above; calls on one device from several threads wait for each other.
unsafe impl Sync for OpenImageDenoise {}

impl OpenImageDenoise {
    /// Opens the library at `path`, or by its name ([`LIBRARY`]) where the system looks for it.
    ///
    /// # Errors
    /// When it is not there, is of another version, or cannot use this processor.
    pub fn open(path: &OsStr) -> Result<Self, RenderError> {
        let fail = |reason: String| RenderError::Denoiser {
            library: path.to_string_lossy().into_owned(),
            reason,
        };
        let name = CString::new(path.as_encoded_bytes())
            .map_err(|_| fail("its path holds a zero byte".into()))?;
        // SAFETY: `name` ends with a zero byte; opening runs the constructors of a library that
        // the user named, which is what opening it means.
        let library = unsafe { dlopen(name.as_ptr(), RTLD_NOW) };
        if library.is_null() {
            return Err(fail("the system cannot open it".into()));
        }
        let symbol = |name: &CStr| {
            // SAFETY: the library is open and the name ends with a zero byte.
            let address = unsafe { dlsym(library, name.as_ptr()) };
            if address.is_null() {
                return Err(fail(format!("it has no {}", name.to_string_lossy())));
            }
            Ok(address)
        };
        // SAFETY: these are the signatures that the header of version 2 gives the names, and the
        // library is never closed.
        let (new_device, functions) = unsafe {
            use std::mem::transmute;
            (
                transmute::<Handle, NewDevice>(symbol(c"oidnNewDevice")?),
                Functions {
                    set_device_int: transmute::<Handle, SetInt>(symbol(c"oidnSetDeviceInt")?),
                    commit_device: transmute::<Handle, Act>(symbol(c"oidnCommitDevice")?),
                    release_device: transmute::<Handle, Act>(symbol(c"oidnReleaseDevice")?),
                    device_error: transmute::<Handle, GetError>(symbol(c"oidnGetDeviceError")?),
                    new_filter: transmute::<Handle, NewFilter>(symbol(c"oidnNewFilter")?),
                    set_image: transmute::<Handle, SetImage>(symbol(c"oidnSetSharedFilterImage")?),
                    set_filter_bool: transmute::<Handle, SetBool>(symbol(c"oidnSetFilterBool")?),
                    commit_filter: transmute::<Handle, Act>(symbol(c"oidnCommitFilter")?),
                    execute_filter: transmute::<Handle, Act>(symbol(c"oidnExecuteFilter")?),
                    release_filter: transmute::<Handle, Act>(symbol(c"oidnReleaseFilter")?),
                },
            )
        };
        // SAFETY: the number is one of the header; the answer is checked before it is used.
        let device = unsafe { new_device(DEVICE_CPU) };
        if device.is_null() {
            return Err(fail("it makes no device on this processor".into()));
        }
        let opened = Self { device, functions };
        // SAFETY: the device lives until `opened` is dropped; names end with a zero byte.
        unsafe {
            (functions.set_device_int)(device, c"numThreads".as_ptr(), 1);
            (functions.set_device_int)(device, c"setAffinity".as_ptr(), 0);
            (functions.commit_device)(device);
        }
        opened.check().map_err(fail)?;
        Ok(opened)
    }

    /// The picture without its noise, guided by albedo and normal.
    ///
    /// # Errors
    /// When the library refuses the picture.
    pub fn denoise(&self, noisy: &Noisy) -> Result<Vec<Vec3>, RenderError> {
        let flat =
            |values: Vec<Vec3>| -> Vec<f32> { values.iter().flat_map(|v| v.to_array()).collect() };
        let features = noisy.features();
        let mut color = flat(noisy.picture());
        let mut albedo = flat(
            features
                .iter()
                .map(|f| Vec3::from_slice(&f[0..3]))
                .collect(),
        );
        let mut normal = flat(
            features
                .iter()
                .map(|f| Vec3::from_slice(&f[3..6]))
                .collect(),
        );
        let mut output = vec![0.0_f32; color.len()];
        let expected = 3 * noisy.width * noisy.height;
        assert!(
            [&color, &albedo, &normal]
                .iter()
                .all(|plane| plane.len() == expected),
            "planes have the size of the picture"
        );
        let f = &self.functions;
        // SAFETY: the device is alive; the four planes hold three floats for each of width x
        // height pixels, as checked above, and outlive the filter, which is released below.
        unsafe {
            let filter = (f.new_filter)(self.device, c"RT".as_ptr());
            if !filter.is_null() {
                for (name, plane) in [
                    (c"color", &mut color),
                    (c"albedo", &mut albedo),
                    (c"normal", &mut normal),
                    (c"output", &mut output),
                ] {
                    (f.set_image)(
                        filter,
                        name.as_ptr(),
                        plane.as_mut_ptr().cast(),
                        FORMAT_FLOAT3,
                        noisy.width,
                        noisy.height,
                        0,
                        0,
                        0,
                    );
                }
                (f.set_filter_bool)(filter, c"hdr".as_ptr(), true);
                (f.commit_filter)(filter);
                (f.execute_filter)(filter);
                (f.release_filter)(filter);
            }
        }
        self.check().map_err(|reason| RenderError::Denoiser {
            library: LIBRARY.into(),
            reason,
        })?;
        Ok(output.chunks_exact(3).map(Vec3::from_slice).collect())
    }

    /// What went wrong since this was asked last.
    fn check(&self) -> Result<(), String> {
        let mut message = null();
        // SAFETY: the device is alive; the message, if any, is read before the next call.
        let code = unsafe { (self.functions.device_error)(self.device, &mut message) };
        if code == 0 {
            return Ok(());
        }
        if message.is_null() {
            return Err(format!("it tells of error {code}"));
        }
        // SAFETY: a message that is not null ends with a zero byte and lives until the next call.
        Err(unsafe { CStr::from_ptr(message) }
            .to_string_lossy()
            .into_owned())
    }
}

impl Drop for OpenImageDenoise {
    fn drop(&mut self) {
        // SAFETY: the device is alive and is not used any more.
        unsafe { (self.functions.release_device)(self.device) };
        self.device = null_mut();
    }
}
