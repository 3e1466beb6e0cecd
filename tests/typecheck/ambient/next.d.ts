// What fixture cases use of Next.js. The real package is 100 MB; only its types would be needed.
declare module "next" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  export interface NextApiRequest extends IncomingMessage {
    query: Partial<Record<string, string | string[]>>;
    body: any;
  }
  export interface NextApiResponse<T = any> extends ServerResponse {
    status(code: number): NextApiResponse<T>;
    json(body: T): void;
  }
  export type NextConfig = Record<string, unknown>;
}

declare module "next/server" {
  export class NextRequest extends Request {
    readonly nextUrl: URL;
  }
  export class NextResponse<Body = unknown> extends Response {
    static json<T>(body: T, init?: ResponseInit): NextResponse<T>;
    static next(): NextResponse;
  }
}

declare module "next/cache" {
  export function revalidatePath(path: string): void;
}

declare module "next/navigation" {
  export function notFound(): never;
  export function redirect(url: string): never;
}
