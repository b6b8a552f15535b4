import { readImage } from "./image-archive.ts";

const largestBytes = 330e6;
const tools = /\/(?:ba|da|z)?sh$|\/busybox$|\/(?:apt|apt-get|dpkg|curl|wget|npm)$/;
const foreign = /darwin|win32|\.dll$|\.dylib$|\.map$|\.ts$|@aws-sdk|aws4fetch|\.test\./;

/** What is in an image of ours that must not be: another user, a shell or an installer, another platform's files, a foreign SDK. */
export function faultsOfImage(archive: string, program: string): string[] {
  const { configuration, files } = readImage(archive);
  const { User, Entrypoint } = configuration.config;
  const names = [...files.keys()];
  const ours = names.filter((name) => name.startsWith("/app/"));
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
  const entrypoint = ["/nodejs/bin/node", "--disable-warning=ExperimentalWarning", `/app/${program}.mjs`].join(" ");
  const otherArchitecture = process.arch === "x64" ? "arm64" : "x64-";
  return [
    ...(User === "65532:65532" ? [] : [`it runs as ${User}`]),
    ...(Entrypoint.join(" ") === entrypoint ? [] : [`it starts ${Entrypoint.join(" ")}`]),
    ...(ours.includes(`/app/${program}.mjs`) ? [] : [`it lacks /app/${program}.mjs`]),
    ...names.filter((name) => tools.test(name)),
    ...ours.filter((name) => foreign.test(name) || name.includes(otherArchitecture)),
    ...(bytes < largestBytes ? [] : [`it has ${(bytes / 1e6).toFixed(0)} MB`]),
  ];
}
