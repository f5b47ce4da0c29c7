// A RAID controller behind captured documents: makes and deletes volumes, at once or in tasks.
import type { Behaviour, Documents, Given } from './mockup-service.js'

export interface RaidController {
  readonly behaviour: Behaviour
  /** What was asked of it: `POST {...}`, `DELETE 239`. */
  readonly asked: string[]
  /** Ends the tasks under way, well or with what they say. */
  finish(fault?: string): void
}
interface Options {
  /** Apply times that the collection offers. */
  readonly applyTimes?: readonly string[]
  /** It works in tasks. */
  readonly tasks?: boolean
  /** Knows VolumeType only, as services of before Volume 1.3.1. */
  readonly old?: boolean
}
type Body = Record<string, unknown>
interface Job {
  readonly work: () => void
  state: 'Running' | 'Completed' | 'Exception'
  said: string
}

/** A controller whose volumes are in `collection`, which is changed in `documents`. */
export function raidController(
  documents: Documents,
  collection: string,
  options: Options = {},
): RaidController {
  const asked: string[] = []
  const jobs = new Map<string, Job>()
  const members = (): { '@odata.id': string }[] =>
    (documents.get(collection) as { Members: { '@odata.id': string }[] }).Members
  const setMembers = (list: { '@odata.id': string }[]): void => {
    documents.set(collection, { ...(documents.get(collection) as Body), Members: list })
  }
  if (options.applyTimes !== undefined) {
    documents.set(collection, {
      ...(documents.get(collection) as Body),
      '@Redfish.OperationApplyTimeSupport': { SupportedValues: options.applyTimes },
    })
  }
  const add = (body: Body): string => {
    const path = `${collection}/${300 + asked.length}`
    documents.set(path, { ...body, '@odata.id': path, Id: path.split('/').at(-1) })
    setMembers([...members(), { '@odata.id': path }])
    return path
  }
  const remove = (path: string): void => {
    documents.delete(path)
    setMembers(members().filter((member) => member['@odata.id'] !== path))
  }
  const begin = (work: () => void): Given => {
    const monitor = `/redfish/v1/TaskService/TaskMonitors/${jobs.size + 1}`
    jobs.set(monitor, { work, state: 'Running', said: '' })
    return { status: 202, headers: { Location: monitor } }
  }
  const create = (body: Body): Given => {
    if (options.old === true && 'RAIDType' in body) return unknownProperty('RAIDType')
    asked.push(`POST ${JSON.stringify(body)}`)
    if (options.tasks === true) return begin(() => add(body))
    return { status: 201, headers: { Location: add(body) } }
  }
  return {
    asked,
    finish(fault) {
      for (const job of jobs.values()) {
        if (job.state !== 'Running') continue
        if (fault === undefined) job.work()
        Object.assign(job, { state: fault === undefined ? 'Completed' : 'Exception', said: fault })
      }
    },
    behaviour({ method, path, body }) {
      const job = jobs.get(path)
      if (job !== undefined) return jobAnswer(job)
      if (method === 'POST' && path === collection) return create(body as Body)
      if (method !== 'DELETE' || !path.startsWith(`${collection}/`)) return undefined
      asked.push(`DELETE ${path.split('/').at(-1) ?? ''}`)
      if (options.tasks === true) return begin(() => remove(path))
      remove(path)
      return { status: 204 }
    },
  }
}

const jobAnswer = ({ state, said }: Job): Given => ({
  status: state === 'Running' ? 202 : 200,
  json: {
    TaskState: state,
    TaskStatus: state === 'Exception' ? 'Critical' : 'OK',
    Messages: said === '' || said === undefined ? [] : [{ Message: said }],
  },
})

const unknownProperty = (name: string): Given => ({
  status: 400,
  json: {
    error: {
      code: 'Base.1.8.GeneralError',
      message: 'See ExtendedInfo',
      '@Message.ExtendedInfo': [
        {
          MessageId: 'Base.1.8.PropertyUnknown',
          Message: `The property ${name} is not in the list of valid properties for the resource.`,
          MessageArgs: [name],
        },
      ],
    },
  },
})
