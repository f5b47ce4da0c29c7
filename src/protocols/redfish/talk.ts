import type { Answer, Call, Document, RedfishClient } from './client.js'

/** A client together with the one who asks: what all resource functions take. */
export class Talk {
  readonly client: RedfishClient
  readonly call: Call

  constructor(client: RedfishClient, call: Call) {
    this.client = client
    this.call = call
  }

  root(): Promise<Document> {
    return this.client.root(this.call)
  }
  get(path: string): Promise<Document> {
    return this.client.get(this.call, path)
  }
  post(path: string, body?: unknown): Promise<Answer> {
    return this.client.request(this.call, 'POST', path, body)
  }
  patch(document: Document, body: unknown): Promise<Answer> {
    return this.client.patch(this.call, document, body)
  }
  delete(path: string, body?: unknown): Promise<Answer> {
    return this.client.request(this.call, 'DELETE', path, body)
  }
  sleep(ms: number): Promise<void> {
    return this.client.clock.sleep(ms, this.call.signal)
  }
}
