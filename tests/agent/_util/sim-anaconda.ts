/**
 * What a machine does that boots Anaconda, over the network and with real programs: iPXE's part is
 * played by this file, the kickstart file's scripts are run by bash, and its curl makes the reports.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Fetched {
  readonly status: number
  readonly text: string
}

async function fetched(url: string): Promise<Fetched> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
  return { status: response.status, text: await response.text() }
}

async function wanted(url: string): Promise<string> {
  const { status, text } = await fetched(url)
  if (status !== 200) throw new Error(`${url}: ${status}`)
  return text
}

export interface Section {
  readonly name: string
  readonly body: string
}

/** An installer that has been booted. */
export class SimAnaconda {
  readonly kernelParameters: ReadonlyMap<string, string>
  readonly kickstart: string
  /** What was loaded before the kickstart file: kernel, ramdisk, second stage. */
  readonly loaded: readonly string[]

  private constructor(
    parameters: ReadonlyMap<string, string>,
    kickstart: string,
    loaded: readonly string[],
  ) {
    this.kernelParameters = parameters
    this.kickstart = kickstart
    this.loaded = loaded
  }

  /**
   * Boots: script, kernel, ramdisk, kickstart file, second stage.
   * @param httpUrl of the boot server
   * @returns null when the script leads to the disk
   */
  static async boot(httpUrl: string, mac: string): Promise<SimAnaconda | null> {
    const script = await wanted(`${httpUrl}/pxelinux.cfg/${mac.replaceAll(':', '-')}`)
    const [, kernel, words = ''] = /^kernel (\S+) (.*?) \|\| goto retry$/m.exec(script) ?? []
    const [, initrd] = /^initrd --name \S+ (\S+)/m.exec(script) ?? []
    if (kernel === undefined || initrd === undefined) return null
    const parameters = new Map(
      words.split(' ').map((word): [string, string] => {
        const [key = '', ...value] = word.split('=')
        return [key, value.join('=')]
      }),
    )
    const loaded = [await wanted(kernel), await wanted(initrd)]
    const stage2 = parameters.get('inst.stage2')
    // The installer first looks whether the place is a tree of packages.
    if (stage2 !== undefined && (await fetched(`${stage2}/.treeinfo`)).status === 404) {
      loaded.push(await wanted(`${stage2}/LiveOS/squashfs.img`))
    }
    const kickstart = await wanted(parameters.get('inst.ks') ?? '')
    return new SimAnaconda(parameters, kickstart, loaded)
  }

  get sections(): Section[] {
    const found = this.kickstart.matchAll(/^%(\w+)[^\n]*\n([\s\S]*?)^%end$/gm)
    return [...found].map(([, name = '', body = '']) => ({ name, body }))
  }

  /** An argument of a command: `liveimg --url=…`. */
  option(command: string, name: string): string | undefined {
    const line = new RegExp(`^${command} .*--${name}[= ](\\S+)`, 'm').exec(this.kickstart)
    return line?.[1]
  }

  /** Runs the sections of a name in their order, as the installer does. */
  async runSections(name: string): Promise<void> {
    const root = await mkdtemp(join(tmpdir(), 'ferric-anaconda-'))
    try {
      for (const section of this.sections.filter((one) => one.name === name)) {
        const script = section.body.replaceAll("'/var/lib", `'${root}/var/lib`)
        // No proxy of whoever runs the tests, and no wait for a server that is down.
        const env = { PATH: process.env['PATH'] ?? '', no_proxy: '*' }
        await run('bash', ['-c', script], { env, timeout: 30_000 })
      }
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  }
}
