// Nest's transport over a BatchConsumer: handlers stay controllers, each with the topics of its pattern.
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { BatchConsumer, type BatchConsumerOptions, type BatchContext, type LogBatch } from '#kafka';

export interface BatchServerOptions extends BatchConsumerOptions {
  /** Pattern of a @BatchHandler → topic or topics. */
  readonly topics: Readonly<Record<string, string | readonly string[]>>;
}

type Handler = (batch: LogBatch, context: BatchContext) => Promise<unknown>;

export class BatchServer extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  private readonly consumer: BatchConsumer;
  private readonly topics: BatchServerOptions['topics'];
  private readonly handlerOfTopic = new Map<string, Handler>();

  constructor({ topics, ...options }: BatchServerOptions) {
    super();
    this.topics = topics;
    this.consumer = new BatchConsumer(options);
  }

  listen(callback: (error?: unknown) => void): void {
    this.start().then(() => {
      callback();
    }, callback);
  }

  close(): Promise<void> {
    return this.consumer.close();
  }

  override on(): never {
    throw new Error('BatchServer has no events; use onCrash and onAssigned');
  }

  override unwrap<T>(): T {
    return this.consumer.kafkajs as T;
  }

  private async start(): Promise<void> {
    this.bindHandlers();
    await this.consumer.start([...this.handlerOfTopic.keys()], (batch, context) =>
      this.deliver(batch, context),
    );
  }

  private bindHandlers(): void {
    const handlers = this.getHandlers();
    for (const pattern of handlers.keys()) {
      if (!(pattern in this.topics)) throw new Error(`@BatchHandler('${pattern}') has no topics`);
    }
    for (const [pattern, topics] of Object.entries(this.topics)) {
      const handler = handlers.get(pattern);
      if (handler === undefined) throw new Error(`no @BatchHandler('${pattern}') for ${String(topics)}`);
      if (handler.next !== undefined) throw new Error(`two @BatchHandler('${pattern}')`);
      for (const topic of [topics].flat()) {
        if (this.handlerOfTopic.has(topic)) throw new Error(`topic ${topic} has two patterns`);
        this.handlerOfTopic.set(topic, handler as Handler);
      }
    }
  }

  private async deliver(batch: LogBatch, context: BatchContext): Promise<void> {
    const handler = this.handlerOfTopic.get(batch.topic);
    if (handler === undefined) throw new TypeError(`a batch of ${batch.topic}, which was not subscribed`);
    const result = await handler(batch, context);
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}
