/** The environment variables that a configuration file may refer to. */
export function loadEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
