/** One thing that is wrong with the configuration. */
export interface Problem {
  /** `homeserver.yaml:12:3`, or `environment` */
  readonly at: string;
  /** Full name of the option, such as `media.max_upload_size`; empty if it is none. */
  readonly option: string;
  readonly message: string;
}

/** The configuration cannot be used. Its message has one line for each problem. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ at, option, message }) => `${at}: ${option && `${option}: `}${message}`).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
