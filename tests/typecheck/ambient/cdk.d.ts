// The CDK is not installed: the parts of its declarations that fixture cases use.
declare module "constructs" {
  export class Construct {
    constructor(scope: Construct, id: string);
  }
}

declare module "aws-cdk-lib" {
  import { Construct } from "constructs";
  export interface StackProps {
    stackName?: string;
  }
  export class Stack extends Construct {
    constructor(scope: Construct, id: string, props?: StackProps);
  }
}

declare module "aws-cdk-lib/aws-lambda" {
  export class Runtime {
    static readonly NODEJS_20_X: Runtime;
  }
}

declare module "aws-cdk-lib/aws-lambda-nodejs" {
  import type { Construct } from "constructs";
  import type { Runtime } from "aws-cdk-lib/aws-lambda";
  export class NodejsFunction {
    constructor(
      scope: Construct,
      id: string,
      props?: {
        entry?: string;
        runtime?: Runtime;
        reservedConcurrentExecutions?: number;
        environment?: Record<string, string>;
      },
    );
  }
}
