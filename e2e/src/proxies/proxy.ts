import type { Program } from '../../../scripts/system-programs.js';

/** A way to the server, best first. */
export type Way = 'websocket' | 'events' | 'polls';

interface Configuration {
  /** As a document shows it: the server at 127.0.0.1:8000, the proxy at the ports 80 and 443, the certificate in /etc/ssl. */
  text: string;
  /** The best way to the server that it leaves; of an impatient one, the first that the test tries. */
  way: Way;
  /** The port that is tried. */
  port: 80 | 443;
  isHttp2?: true;
}

/** A proxy, and what it is configured to. */
export interface ProxyKind {
  /** The heading of docs/proxies.md that it is under. */
  name: string;
  /** Node runs dev servers. */
  program: Program | 'node';
  configurations: {
    /** That of the documents. */
    recommended: Configuration;
    /** Of few lines, as they are pasted first. */
    plain: Configuration;
    /** The recommended one, and it compresses what it can. */
    compressing?: Configuration;
    /** The recommended one, and it cuts what is silent for a second or two. */
    impatient?: Configuration;
  };
  /** True if a stream of events stays open when the server has gone: its client notices by the silence, after half a minute. */
  hidesEnds?: true;
  /** The folder in which its own is made, below the packages that it needs. Default: that of temporary files. */
  home?: string;
  /** Adds what the program needs to run with it in a folder of its own, unprivileged, in the foreground. */
  run(configuration: string, place: Place): { files: Record<string, string>; args: string[] };
}

export type Variant = keyof ProxyKind['configurations'];

interface Place {
  folder: string;
  /** The path of the program. */
  program: string;
  /** The port that stands for 80. */
  port: number;
}
