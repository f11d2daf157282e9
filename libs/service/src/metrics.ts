import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The service's Prometheus registry: own metrics are named `rollcall_…`; CPU and memory come with it. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }

  /** `known`: series that are shown from the start, with 0, so that their first count too is an increase. */
  counter<L extends string = never>(
    name: MetricName,
    help: string,
    labels: readonly L[] = [],
    known: readonly Readonly<Record<L, string>>[] = [],
  ): Counter<L> {
    return this.once(name, () => {
      const counter = new Counter({ name, help, labelNames: labels, registers: [this.registry] });
      for (const series of known) counter.inc(series, 0);
      return counter;
    });
  }

  gauge<L extends string = never>(name: MetricName, help: string, labels: readonly L[] = []): Gauge<L> {
    return this.once(name, () => new Gauge({ name, help, labelNames: labels, registers: [this.registry] }));
  }

  /** Buckets in the unit of the name (`…_seconds`); without them prom-client's own, 5 ms to 10 s. */
  histogram<L extends string = never>(
    name: MetricName,
    help: string,
    labels: readonly L[] = [],
    buckets?: readonly number[],
  ): Histogram<L> {
    const shape = { name, help, labelNames: labels, registers: [this.registry] };
    return this.once(
      name,
      () => new Histogram(buckets === undefined ? shape : { ...shape, buckets: [...buckets] }),
    );
  }

  /** The Prometheus text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  private once<M>(name: string, create: () => M): M {
    return (this.registry.getSingleMetric(name) as M | undefined) ?? create();
  }
}

export type MetricName = `rollcall_${string}`;
