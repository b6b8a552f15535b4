// The one door to the library, so that its telemetry is off before it is loaded.
import "./telemetry-off.ts";

export { default as ort } from "onnxruntime-node";
