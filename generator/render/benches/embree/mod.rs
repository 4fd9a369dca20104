//! As much of Embree 4 as a comparison needs, opened at run time.
#![allow(
    unsafe_code,
    reason = "a library of another language is called; development only"
)]

use std::ffi::{CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr::null;

use bottega_geometry::{StrandSet, TriMesh};
use bottega_render::ray::Ray;

type Handle = *mut c_void;

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> Handle;
    fn dlsym(library: Handle, name: *const c_char) -> Handle;
}

const RTLD_NOW: c_int = 2;

// Numbers of the C header `rtcore`.
const TRIANGLE: u32 = 0;
const FLAT_LINEAR_CURVE: u32 = 17;
const FLAT_CATMULL_ROM_CURVE: u32 = 59;
const INDEX_BUFFER: u32 = 0;
const VERTEX_BUFFER: u32 = 1;
const UINT: u32 = 0x5001;
const UINT3: u32 = 0x5003;
const FLOAT3: u32 = 0x9003;
const FLOAT4: u32 = 0x9004;
const ROBUST: u32 = 1 << 2;

/// How good a tree is asked for.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(crate) enum Quality {
    /// The library's default.
    Medium = 1,
    /// With splits of primitives.
    High = 2,
}

/// What strands are to the library.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Curve {
    /// Straight ribbons between control points.
    Linear,
    /// Ribbons along Catmull-Rom curves.
    CatmullRom,
}

/// The library's own layout of a ray and its hit.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct RayHit {
    origin: [f32; 3],
    t_near: f32,
    direction: [f32; 3],
    time: f32,
    t_far: f32,
    mask: u32,
    id: u32,
    flags: u32,
    normal: [f32; 3],
    uv: [f32; 2],
    primitive: u32,
    geometry: u32,
    instance: [u32; 2],
}

impl RayHit {
    fn new(ray: &Ray) -> Self {
        Self {
            origin: ray.origin.to_array(),
            t_near: ray.t_min,
            direction: ray.direction.to_array(),
            time: 0.0,
            t_far: ray.t_max,
            mask: u32::MAX,
            id: 0,
            flags: 0,
            normal: [0.0; 3],
            uv: [0.0; 2],
            primitive: u32::MAX,
            geometry: u32::MAX,
            instance: [u32::MAX; 2],
        }
    }
}

/// The library's own layout of eight rays and their hits.
#[repr(C, align(32))]
struct RayHit8 {
    origin: [[f32; 8]; 3],
    t_near: [f32; 8],
    direction: [[f32; 8]; 3],
    time: [f32; 8],
    t_far: [f32; 8],
    mask: [u32; 8],
    id: [u32; 8],
    flags: [u32; 8],
    normal: [[f32; 8]; 3],
    uv: [[f32; 8]; 2],
    primitive: [u32; 8],
    geometry: [u32; 8],
    instance: [[u32; 8]; 2],
}

impl RayHit8 {
    fn new(rays: &[Ray; 8]) -> Self {
        let axes = |of: fn(&Ray) -> [f32; 3]| {
            std::array::from_fn(|axis| std::array::from_fn(|lane| of(&rays[lane])[axis]))
        };
        Self {
            origin: axes(|ray| ray.origin.to_array()),
            t_near: rays.map(|ray| ray.t_min),
            direction: axes(|ray| ray.direction.to_array()),
            time: [0.0; 8],
            t_far: rays.map(|ray| ray.t_max),
            mask: [u32::MAX; 8],
            id: [0; 8],
            flags: [0; 8],
            normal: [[0.0; 8]; 3],
            uv: [[0.0; 8]; 2],
            primitive: [u32::MAX; 8],
            geometry: [u32::MAX; 8],
            instance: [[u32::MAX; 8]; 2],
        }
    }
}

/// The library's own layout of what may be said of a query, with its default values.
#[repr(C)]
struct Arguments {
    flags: u32,
    features: u32,
    pointers: [*const c_void; 3],
}

macro_rules! functions {
    ($($field:ident: $name:literal, fn($($arg:ty),*) $(-> $out:ty)?;)*) => {
        struct Functions { $($field: unsafe extern "C" fn($($arg),*) $(-> $out)?,)* }

        impl Functions {
            fn open(path: &Path) -> Result<Self, String> {
                let text = path.to_str().ok_or("the path is not text")?;
                let text = CString::new(text).map_err(|error| error.to_string())?;
                // SAFETY: the string ends in a zero; the library stays open to the end.
                let library = unsafe { dlopen(text.as_ptr(), RTLD_NOW) };
                if library.is_null() {
                    return Err(format!("cannot open {}", path.display()));
                }
                Ok(Self { $($field: {
                    let name = concat!($name, "\0");
                    // SAFETY: the name ends in a zero, and the library is open.
                    let symbol = unsafe { dlsym(library, name.as_ptr().cast()) };
                    if symbol.is_null() {
                        return Err(format!("{} has no {}", path.display(), $name));
                    }
                    // SAFETY: the signature is that of the header of Embree 4.
                    unsafe { std::mem::transmute::<Handle, unsafe extern "C" fn($($arg),*) $(-> $out)?>(symbol) }
                },)* })
            }
        }
    };
}

functions! {
    new_device: "rtcNewDevice", fn(*const c_char) -> Handle;
    release_device: "rtcReleaseDevice", fn(Handle);
    device_error: "rtcGetDeviceError", fn(Handle) -> c_int;
    new_scene: "rtcNewScene", fn(Handle) -> Handle;
    release_scene: "rtcReleaseScene", fn(Handle);
    set_quality: "rtcSetSceneBuildQuality", fn(Handle, u32);
    set_flags: "rtcSetSceneFlags", fn(Handle, u32);
    commit_scene: "rtcCommitScene", fn(Handle);
    new_geometry: "rtcNewGeometry", fn(Handle, u32) -> Handle;
    release_geometry: "rtcReleaseGeometry", fn(Handle);
    commit_geometry: "rtcCommitGeometry", fn(Handle);
    attach_geometry: "rtcAttachGeometry", fn(Handle, Handle) -> u32;
    new_buffer: "rtcSetNewGeometryBuffer", fn(Handle, u32, u32, u32, usize, usize) -> Handle;
    intersect: "rtcIntersect1", fn(Handle, *mut RayHit, *const c_void);
    intersect8: "rtcIntersect8", fn(*const c_int, Handle, *mut RayHit8, *const Arguments);
    occluded: "rtcOccluded1", fn(Handle, *mut RayHit, *const c_void);
}

/// The library with one device of one thread.
pub(crate) struct Embree {
    functions: Functions,
    device: Handle,
}

impl Embree {
    /// Opens the library at `path` with an instruction set (`avx2`, `avx512`), or its own choice
    /// when empty.
    pub(crate) fn open(path: &Path, isa: &str) -> Result<Self, String> {
        let functions = Functions::open(path)?;
        let mut config = "threads=1".to_owned();
        if !isa.is_empty() {
            config += &format!(",isa={isa}");
        }
        let config = CString::new(config).map_err(|error| error.to_string())?;
        // SAFETY: the string ends in a zero and is not kept.
        let device = unsafe { (functions.new_device)(config.as_ptr()) };
        if device.is_null() {
            return Err("no device".to_owned());
        }
        Ok(Self { functions, device })
    }

    /// Builds a tree over a mesh and strands.
    pub(crate) fn scene(
        &self,
        mesh: &TriMesh,
        strands: Option<(&StrandSet, Curve)>,
        quality: Quality,
        robust: bool,
    ) -> EmbreeScene<'_> {
        let f = &self.functions;
        // SAFETY: the device is open.
        let scene = unsafe { (f.new_scene)(self.device) };
        // SAFETY: the scene is open.
        unsafe {
            (f.set_quality)(scene, quality as u32);
            (f.set_flags)(scene, if robust { ROBUST } else { 0 });
        }
        let positions: Vec<[f32; 3]> = mesh.positions.iter().map(|p| p.to_array()).collect();
        self.attach(
            scene,
            TRIANGLE,
            (FLOAT3, &positions),
            (UINT3, &mesh.triangles),
        );
        if let Some((strands, curve)) = strands {
            let (mut vertices, mut indices) = (Vec::new(), Vec::new());
            for strand in 0..strands.len() {
                let (points, radii) = (strands.strand(strand), strands.strand_radii(strand));
                let vertex = |i: usize| [points[i].x, points[i].y, points[i].z, radii[i]];
                let n = points.len();
                let ghost = |end: usize, inner: usize| {
                    let p = 2.0 * points[end] - points[inner];
                    [p.x, p.y, p.z, radii[end]]
                };
                let first = vertices.len() as u32;
                match curve {
                    Curve::Linear => vertices.extend((0..n).map(vertex)),
                    Curve::CatmullRom => {
                        vertices.push(ghost(0, 1));
                        vertices.extend((0..n).map(vertex));
                        vertices.push(ghost(n - 1, n - 2));
                    }
                }
                indices.extend((0..n as u32 - 1).map(|span| first + span));
            }
            let kind = match curve {
                Curve::Linear => FLAT_LINEAR_CURVE,
                Curve::CatmullRom => FLAT_CATMULL_ROM_CURVE,
            };
            self.attach(scene, kind, (FLOAT4, &vertices), (UINT, &indices));
        }
        // SAFETY: the scene and the device are open.
        let error = unsafe {
            (f.commit_scene)(scene);
            (f.device_error)(self.device)
        };
        assert_eq!(error, 0, "the library reports an error");
        EmbreeScene {
            embree: self,
            scene,
        }
    }

    fn attach<V: Copy, I: Copy>(
        &self,
        scene: Handle,
        kind: u32,
        vertices: (u32, &[V]),
        indices: (u32, &[I]),
    ) {
        let f = &self.functions;
        // SAFETY: the buffers have room for what is copied into them, as asked for; vertex
        // buffers are padded by the library.
        unsafe {
            let geometry = (f.new_geometry)(self.device, kind);
            let fill = |buffer: u32, format: u32, data: *const u8, stride: usize, len: usize| {
                let to = (f.new_buffer)(geometry, buffer, 0, format, stride, len);
                std::ptr::copy_nonoverlapping(data, to.cast::<u8>(), stride * len);
            };
            let (format, data) = vertices;
            fill(
                VERTEX_BUFFER,
                format,
                data.as_ptr().cast(),
                size_of::<V>(),
                data.len(),
            );
            let (format, data) = indices;
            fill(
                INDEX_BUFFER,
                format,
                data.as_ptr().cast(),
                size_of::<I>(),
                data.len(),
            );
            (f.commit_geometry)(geometry);
            (f.attach_geometry)(scene, geometry);
            (f.release_geometry)(geometry);
        }
    }
}

impl Drop for Embree {
    fn drop(&mut self) {
        // SAFETY: scenes borrow the device, so none is left.
        unsafe { (self.functions.release_device)(self.device) }
    }
}

/// A tree of the library.
pub(crate) struct EmbreeScene<'a> {
    embree: &'a Embree,
    scene: Handle,
}

impl EmbreeScene<'_> {
    /// Distance of the nearest hit.
    pub(crate) fn intersect(&self, ray: &Ray) -> Option<f32> {
        let mut hit = RayHit::new(ray);
        // SAFETY: the scene is open and the ray has the library's layout.
        unsafe { (self.embree.functions.intersect)(self.scene, &raw mut hit, null()) };
        (hit.geometry != u32::MAX).then_some(hit.t_far)
    }

    /// How many of eight rays that run close together hit something.
    pub(crate) fn intersect_together(&self, rays: &[Ray; 8]) -> usize {
        // `RTC_RAY_QUERY_FLAG_COHERENT` and `RTC_FEATURE_FLAG_ALL`.
        let coherent = Arguments {
            flags: 1 << 16,
            features: u32::MAX,
            pointers: [null(); 3],
        };
        let (valid, mut hit) = ([-1; 8], RayHit8::new(rays));
        // SAFETY: the scene is open; rays and arguments have the library's layout.
        unsafe {
            let f = &self.embree.functions;
            (f.intersect8)(
                valid.as_ptr(),
                self.scene,
                &raw mut hit,
                &raw const coherent,
            );
        }
        (hit.geometry.iter()).filter(|id| **id != u32::MAX).count()
    }

    /// Whether anything is hit.
    pub(crate) fn occluded(&self, ray: &Ray) -> bool {
        let mut hit = RayHit::new(ray);
        // SAFETY: the scene is open and the ray has the library's layout.
        unsafe { (self.embree.functions.occluded)(self.scene, &raw mut hit, null()) };
        hit.t_far < 0.0
    }
}

impl Drop for EmbreeScene<'_> {
    fn drop(&mut self) {
        // SAFETY: nothing uses the scene any more.
        unsafe { (self.embree.functions.release_scene)(self.scene) }
    }
}
