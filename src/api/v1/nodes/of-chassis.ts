/**
 * Nodes are read and changed at their own address only. Below a chassis upstream's controller
 * takes the chassis for its first argument, and says so.
 */
import { Invalid, NotFound } from '../../../errors.js'
import { boolean } from '../../args/convert.js'
import type { Handler } from '../../request.js'
import { pyRepr } from '../../validation/python-repr.js'
import type { operations } from './contract.gen.js'

/** @throws Invalid 400: the chassis stands where the node document belongs */
export const create: Handler<operations['nodes.createOfChassis']> = ({ args }) =>
  Promise.reject(
    new Invalid(`Schema error for node: ${pyRepr(args.chassis_uuid)} is not of type 'object'`),
  )

/** @throws Invalid 400: the node stands where `reset_interfaces` belongs */
export const update: Handler<operations['nodes.updateOfChassis']> = ({ args }) => {
  boolean('reset_interfaces', args.node_ident)
  return refuse()
}

/** @throws Invalid 400 */
export const refuse = (): Promise<never> => Promise.reject(new Invalid('Malformed request URI.'))
/** @throws NotFound 404 */
export const refuseToDelete = (): Promise<never> => Promise.reject(new NotFound())
