// What fixture cases use of packages that go over the network.
declare module "stripe" {
  export default class Stripe {
    constructor(key: string);
    refunds: { create(parameters: { payment_intent: string; amount?: number }): Promise<{ id: string }> };
    webhooks: { constructEvent(body: string, signature: string, secret: string): { id: string; type: string } };
  }
}

declare module "nodemailer" {
  export interface Transporter {
    sendMail(mail: { to: string; subject: string; text: string }): Promise<{ messageId: string }>;
  }
  export function createTransport(url: string): Transporter;
}

declare module "@aws-sdk/client-s3" {
  export class DeleteObjectCommand {
    constructor(input: { Bucket: string; Key: string });
  }
  export class S3Client {
    constructor(options: { region: string });
    send(command: DeleteObjectCommand): Promise<unknown>;
  }
}

declare module "bullmq" {
  export class Queue<T = unknown> {
    constructor(name: string, options: { connection: { host: string } });
    add(name: string, data: T): Promise<{ id?: string }>;
  }
}

declare module "bcryptjs" {
  export function hash(text: string, rounds: number): Promise<string>;
}

declare module "ioredis" {
  export class Redis {
    constructor(url: string);
    get(key: string): Promise<string | null>;
  }
}
