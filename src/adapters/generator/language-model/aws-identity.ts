// Loaded on demand as a whole: of a CommonJS package that is, a bundle does not know the names.
import { defaultProvider } from "@aws-sdk/credential-provider-node";

/** The role that the program runs in, by AWS's own chain: environment (a function), container, pod, instance, web identity, a profile. */
export function awsIdentity(): ReturnType<typeof defaultProvider> {
  return defaultProvider();
}
