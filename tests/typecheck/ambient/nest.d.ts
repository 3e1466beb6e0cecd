// What fixture cases use of NestJS.
declare module "@nestjs/common" {
  export function Injectable(): ClassDecorator;
  export function Controller(prefix?: string): ClassDecorator;
  export function Module(metadata: { imports?: unknown[]; controllers?: unknown[]; providers?: unknown[]; exports?: unknown[] }): ClassDecorator;
  export function Get(path?: string): MethodDecorator;
  export function Post(path?: string): MethodDecorator;
  export function Body(): ParameterDecorator;
  export function Param(name?: string): ParameterDecorator;
  export interface OnModuleInit {
    onModuleInit(): unknown;
  }
  export interface OnModuleDestroy {
    onModuleDestroy(): unknown;
  }
}

declare module "@nestjs/core" {
  export class NestFactory {
    static create(module: unknown): Promise<{ listen(port: number): Promise<void>; enableShutdownHooks(): void }>;
  }
}
