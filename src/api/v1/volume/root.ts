import { links } from '../../links.js'
import type { ApiRequest, Handler } from '../../request.js'
import type { operations } from './contract.gen.js'

/** Where the parts are. `below` is the path of a node, which need not exist. */
function rootOf<O>({ auth, baseUrl }: ApiRequest<O>, below: string) {
  auth.authorize('baremetal:volume:get')
  const body = {
    links: links(baseUrl, `${below}volume/`),
    connectors: links(baseUrl, `${below}volume/connectors`),
    targets: links(baseUrl, `${below}volume/targets`),
  }
  return Promise.resolve({ body })
}

export const root: Handler<operations['volume.root']> = (request) => rootOf(request, '')
export const rootOfNode: Handler<operations['volume.rootOfNode']> = (request) =>
  rootOf(request, `nodes/${request.args.node_ident}/`)
