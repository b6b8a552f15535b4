/** Google's library by its name, to be loaded on demand: in a bundle a CommonJS package that is loaded so has a default export alone. */
export { GoogleAuth } from "google-auth-library";
