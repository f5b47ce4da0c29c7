var __defProp = Object.defineProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// src/create-context.ts
import { randomUUID as randomUUID2 } from "node:crypto";
import { hostname as hostname3 } from "node:os";

// src/clock.ts
import { setTimeout as delay } from "node:timers/promises";
var systemClock = {
  now: () => /* @__PURE__ */ new Date(),
  sleep: (ms, signal) => delay(ms, void 0, signal ? { signal } : {})
};

// src/conductor/queue/bullmq.ts
import { setTimeout as delay2 } from "node:timers/promises";
import { createPostgresBackend, isPgPool, Queue, runMigrations, Worker } from "bullmq";

// src/conductor/queue/batcher.ts
var Batcher = class {
  #send;
  #waiting = [];
  #sending = false;
  constructor(send) {
    this.#send = send;
  }
  /** Resolves when the call that carried the item has. */
  add(item) {
    const { promise, resolve: resolve3, reject } = deferred();
    this.#waiting.push({ item, done: resolve3, failed: reject });
    if (!this.#sending) void this.#drain();
    return promise;
  }
  async #drain() {
    this.#sending = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#send(batch.map((b) => b.item));
        for (const b of batch) b.done();
      } catch (error) {
        for (const b of batch) b.failed(error);
      }
    }
    this.#sending = false;
  }
};
function deferred() {
  let resolve3;
  let reject;
  const promise = new Promise((yes2, no2) => {
    resolve3 = yes2;
    reject = no2;
  });
  return { promise, resolve: resolve3, reject };
}

// src/conductor/queue/semaphore.ts
var Semaphore = class {
  #free;
  #waiting = [];
  constructor(size) {
    this.#free = size;
  }
  async run(fn) {
    if (this.#free > 0) this.#free--;
    else await new Promise((go) => this.#waiting.push(go));
    try {
      return await fn();
    } finally {
      const next = this.#waiting.shift();
      if (next === void 0) this.#free++;
      else next();
    }
  }
};

// src/conductor/queue/bullmq.ts
var finished = { removeOnComplete: true, removeOnFail: true };
var lockDuration = 6e4;
var lastGraceMs = 5e3;
async function openQueue(config2, db, log) {
  const url = config2.ferric.queue_url;
  return new BullTaskQueue(url === null ? await databaseHome(db) : redisHome(url), log);
}
async function databaseHome(db) {
  const pool = db.pool;
  if (!isPgPool(pool)) throw new TypeError("the database has no pool for the queue");
  await migrate(pool);
  const options = { connection: pool };
  return {
    description: `in ${db.description}`,
    queue: (name) => new Queue(name, options, createPostgresBackend),
    worker: (name, concurrency, run3) => new Worker(
      name,
      async (job) => await run3(job.data),
      { ...options, concurrency, lockDuration },
      createPostgresBackend
    )
  };
}
async function migrate(pool) {
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
}
function redisHome(url) {
  const connection = { url, maxRetriesPerRequest: null };
  const { host, pathname } = new URL(url);
  return {
    description: `redis://${host}${pathname}`,
    queue: (name) => new Queue(name, { connection: { url } }),
    worker: (name, concurrency, run3) => new Worker(name, async (job) => await run3(job.data), {
      connection,
      concurrency,
      lockDuration
    })
  };
}
var bullName = (queue) => queue.replaceAll(":", "~");
var BullTaskQueue = class {
  description;
  #home;
  #log;
  #queues = /* @__PURE__ */ new Map();
  constructor(home, log) {
    this.#home = home;
    this.#log = log;
    this.description = home.description;
  }
  async publish(queue, taskId, options = {}) {
    const { delayMs = 0, priority = 0 } = options;
    await this.#open(queue).batcher.add({ taskId, delayMs, priority });
  }
  #open(name) {
    const known = this.#queues.get(name);
    if (known !== void 0) return known;
    const queue = this.#home.queue(bullName(name));
    queue.on("error", (error) => this.#log.warn({ error, queue: name }, "queue error"));
    const batcher = new Batcher((messages) => addAll(queue, messages));
    const made = { queue, batcher };
    this.#queues.set(name, made);
    return made;
  }
  async consume(queues, concurrency, handle) {
    const consumer = new BullConsumer(this.#home, this.#log, concurrency, handle);
    await consumer.start(queues);
    return consumer;
  }
  async close() {
    await Promise.all([...this.#queues.values()].map((q) => q.queue.close()));
    this.#queues.clear();
  }
  async [Symbol.asyncDispose]() {
    await this.close();
  }
};
async function addAll(queue, messages) {
  await queue.addBulk(
    messages.map((m) => ({
      name: "task",
      data: { taskId: m.taskId },
      opts: {
        ...finished,
        ...m.delayMs > 0 ? { delay: m.delayMs } : {},
        ...m.priority > 0 ? { priority: m.priority } : {}
      }
    }))
  );
}
var BullConsumer = class {
  #home;
  #log;
  #concurrency;
  #slots;
  #handle;
  #stop = new AbortController();
  #workers = [];
  constructor(home, log, concurrency, handle) {
    this.#home = home;
    this.#log = log;
    this.#concurrency = concurrency;
    this.#slots = new Semaphore(concurrency);
    this.#handle = handle;
  }
  async start(queues) {
    this.#workers = queues.map((name) => this.#worker(name));
    await Promise.all(this.#workers.map((w) => w.waitUntilReady()));
  }
  #worker(name) {
    const worker = this.#home.worker(
      bullName(name),
      this.#concurrency,
      (data) => this.#slots.run(() => this.#handle(data.taskId, this.#stop.signal))
    );
    worker.on("error", (error) => this.#log.warn({ error, queue: name }, "worker error"));
    worker.on("failed", (job, error) => this.#log.error({ error, job: job?.data }, "job failed"));
    return worker;
  }
  async close(deadlineMs) {
    const drained = Promise.all(this.#workers.map((w) => w.close()));
    await Promise.race([drained, delay2(deadlineMs, void 0, { ref: false })]);
    this.#stop.abort(new Error("the process is shutting down"));
    await Promise.race([drained, delay2(lastGraceMs, void 0, { ref: false })]);
  }
  async [Symbol.asyncDispose]() {
    await this.close(0);
  }
};

// src/db/pglite.ts
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { PGlite, types } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";

// src/db/lock-file.ts
import { randomUUID } from "node:crypto";
import { link, readFile, rename, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
var renewMs = 5e3;
var staleMs = 3e4;
var attempts = 3;
var heldHere = /* @__PURE__ */ new Set();
async function startOf(pid) {
  const text6 = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text6.slice(text6.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
async function readHolder(path) {
  const text6 = await readFile(path, "utf8").catch((error) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  try {
    return JSON.parse(text6);
  } catch {
    return void 0;
  }
}
function pidExists(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
async function isLive(holder, path) {
  if (heldHere.has(path)) return true;
  if (holder.host !== hostname()) {
    const { mtimeMs } = await stat(path);
    return Date.now() - mtimeMs < staleMs;
  }
  if (holder.pid === process.pid || !pidExists(holder.pid)) return false;
  return holder.started === await startOf(holder.pid);
}
async function claim(path, holder) {
  const draft = `${path}.${holder.token}`;
  await writeFile(draft, JSON.stringify(holder));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}
async function removeStale(path, stale) {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  const taken = await readHolder(aside);
  if (taken && taken.token !== stale?.token) await link(aside, path);
  await unlink(aside);
}
function hold(path, token) {
  heldHere.add(path);
  const timer = setInterval(() => {
    void utimes(path, /* @__PURE__ */ new Date(), /* @__PURE__ */ new Date()).catch(() => void 0);
  }, renewMs).unref();
  return {
    release: async () => {
      clearInterval(timer);
      if (!heldHere.delete(path)) return;
      const holder = await readHolder(path);
      if (holder?.token === token) await unlink(path);
    }
  };
}
async function lockDirectory(directory) {
  const path = `${directory}.lock`;
  const me = {
    token: randomUUID(),
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid)
  };
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await claim(path, me)) return hold(path, me.token);
    const holder = await readHolder(path);
    if (holder && await isLive(holder, path)) {
      throw new Error(
        `The embedded database ${directory} is in use by process ${holder.pid} on ${holder.host}. Stop it first, or use PostgreSQL ([database] connection) to run several processes.`
      );
    }
    await removeStale(path, holder);
  }
  throw new Error(`Cannot lock ${directory}: other processes keep taking ${path}`);
}

// src/db/queue-pool.ts
var empty = { rows: [], rowCount: 0 };
var rollback = /* @__PURE__ */ Symbol("rollback");
function statementOf(text6) {
  return text6.replaceAll(/--[^\n]*/g, "").trim().replace(/;$/, "");
}
function deferred2() {
  let settle;
  const promise = new Promise((resolve3, reject) => {
    settle = { resolve: resolve3, reject };
  });
  return { promise, ...settle };
}
function openTransaction(driver) {
  const opened = deferred2();
  const ending = deferred2();
  const finished2 = driver.transaction((session) => {
    opened.resolve({
      session,
      end: (outcome) => {
        if (outcome === "commit") ending.resolve();
        else ending.reject(rollback);
        return finished2;
      }
    });
    return ending.promise;
  }).catch((error) => {
    opened.reject(error);
    if (error !== rollback) throw error;
  });
  finished2.catch(() => void 0);
  return opened.promise;
}
var QueueClient = class {
  #driver;
  #listeners = /* @__PURE__ */ new Set();
  #channels = /* @__PURE__ */ new Map();
  #transaction;
  constructor(driver) {
    this.#driver = driver;
  }
  async query(text6, params) {
    const statement = statementOf(text6);
    if (statement === "BEGIN") return this.#begin();
    if (statement === "COMMIT") return this.#end("commit");
    if (statement === "ROLLBACK") return this.#end("rollback");
    const channel = /^LISTEN\s+"?(\w+)"?$/i.exec(statement)?.[1];
    if (channel !== void 0) return this.#listen(channel);
    if (/^SELECT set_config\('application_name'/i.test(statement)) return empty;
    return (this.#transaction?.session ?? this.#driver).query(text6, params);
  }
  async #begin() {
    if (this.#transaction) throw new Error("A transaction is already open on this client");
    this.#transaction = await openTransaction(this.#driver);
    return empty;
  }
  async #end(outcome) {
    const open = this.#transaction;
    this.#transaction = void 0;
    await open?.end(outcome);
    return empty;
  }
  async #listen(channel) {
    if (!this.#channels.has(channel)) {
      const notify = (payload) => {
        for (const listener of this.#listeners) listener({ channel, payload });
      };
      this.#channels.set(channel, this.#driver.listen(channel, notify));
    }
    await this.#channels.get(channel);
    return empty;
  }
  /** `error` and `end` never come: the home reconnects and subscribes again by itself. */
  on(event, listener) {
    if (event === "notification") {
      this.#listeners.add(listener);
    }
    return this;
  }
  removeListener(_event, listener) {
    this.#listeners.delete(listener);
    return this;
  }
  removeAllListeners() {
    this.#listeners.clear();
    return this;
  }
  release() {
    this.#listeners.clear();
    const pending = [...this.#channels.values()].map(async (subscribed) => {
      const stop = await subscribed;
      await stop();
    });
    this.#channels.clear();
    if (this.#transaction) pending.push(this.#end("rollback").then(() => void 0));
    void Promise.allSettled(pending);
  }
};
var QueuePool = class {
  /** BullMQ shortens its waits unless the connection it listens on detects its own loss. */
  options = { keepAlive: true };
  #driver;
  constructor(driver) {
    this.#driver = driver;
  }
  query(text6, params) {
    return this.#driver.query(text6, params);
  }
  connect() {
    return Promise.resolve(new QueueClient(this.#driver));
  }
  end() {
    return Promise.resolve();
  }
  on() {
    return this;
  }
  removeAllListeners() {
    return this;
  }
};

// src/db/schema/index.ts
var schema_exports = {};
__export(schema_exports, {
  allocations: () => allocations,
  biosSettings: () => biosSettings,
  chassis: () => chassis,
  conductorHardwareInterfaces: () => conductorHardwareInterfaces,
  conductors: () => conductors,
  deployTemplateSteps: () => deployTemplateSteps,
  deployTemplates: () => deployTemplates,
  firmwareInformation: () => firmwareInformation,
  inspectionRules: () => inspectionRules,
  nodeHistory: () => nodeHistory,
  nodeInventory: () => nodeInventory,
  nodeTags: () => nodeTags,
  nodeTraits: () => nodeTraits,
  nodes: () => nodes,
  portgroups: () => portgroups,
  ports: () => ports,
  processes: () => processes,
  reservations: () => reservations,
  runbookSteps: () => runbookSteps,
  runbookTraits: () => runbookTraits,
  runbooks: () => runbooks,
  tasks: () => tasks,
  volumeConnectors: () => volumeConnectors,
  volumeTargets: () => volumeTargets
});

// src/db/schema/allocations.ts
import { index, integer, pgTable, serial, text, unique, varchar as varchar2 } from "drizzle-orm/pg-core";

// src/db/columns.ts
import { json, timestamp, varchar } from "drizzle-orm/pg-core";
var jsonObject = (name) => json(name).$type();
var jsonArray = (name) => json(name).$type();
var timestampTz = (name) => timestamp(name, { withTimezone: true, mode: "date", precision: 6 });
var lifecycle = {
  createdAt: timestampTz("created_at").defaultNow(),
  updatedAt: timestampTz("updated_at"),
  version: varchar("version", { length: 15 })
};

// src/db/schema/allocations.ts
var allocations = pgTable(
  "allocations",
  {
    id: serial("id").primaryKey(),
    uuid: varchar2("uuid", { length: 36 }).notNull(),
    name: varchar2("name", { length: 255 }),
    nodeId: integer("node_id"),
    state: varchar2("state", { length: 15 }).notNull(),
    owner: varchar2("owner", { length: 255 }),
    lastError: text("last_error"),
    resourceClass: varchar2("resource_class", { length: 80 }),
    traits: jsonArray("traits"),
    candidateNodes: jsonArray("candidate_nodes"),
    extra: jsonObject("extra"),
    conductorAffinity: integer("conductor_affinity"),
    ...lifecycle
  },
  (t) => [
    unique("uniq_allocations0name").on(t.name),
    unique("uniq_allocations0uuid").on(t.uuid),
    index("allocations_node_id_idx").on(t.nodeId),
    index("allocations_state_idx").on(t.state)
  ]
);

// src/db/schema/bios-settings.ts
import { bigint, boolean as boolean3, integer as integer3, pgTable as pgTable5, primaryKey, text as text3, varchar as varchar6 } from "drizzle-orm/pg-core";

// src/db/schema/nodes.ts
import {
  boolean as boolean2,
  index as index2,
  integer as integer2,
  pgTable as pgTable4,
  serial as serial4,
  text as text2,
  unique as unique4,
  varchar as varchar5
} from "drizzle-orm/pg-core";

// src/db/schema/chassis.ts
import { pgTable as pgTable2, serial as serial2, unique as unique2, varchar as varchar3 } from "drizzle-orm/pg-core";
var chassis = pgTable2(
  "chassis",
  {
    id: serial2("id").primaryKey(),
    uuid: varchar3("uuid", { length: 36 }).notNull(),
    extra: jsonObject("extra"),
    description: varchar3("description", { length: 255 }),
    ...lifecycle
  },
  (t) => [unique2("uniq_chassis0uuid").on(t.uuid)]
);

// src/db/schema/conductors.ts
import { boolean, pgTable as pgTable3, serial as serial3, unique as unique3, varchar as varchar4 } from "drizzle-orm/pg-core";
var conductors = pgTable3(
  "conductors",
  {
    id: serial3("id").primaryKey(),
    hostname: varchar4("hostname", { length: 255 }).notNull(),
    drivers: jsonArray("drivers"),
    online: boolean("online").default(true),
    conductorGroup: varchar4("conductor_group", { length: 255 }).notNull().default(""),
    ...lifecycle
  },
  (t) => [unique3("uniq_conductors0hostname").on(t.hostname)]
);

// src/db/schema/nodes.ts
var nodes = pgTable4(
  "nodes",
  {
    id: serial4("id").primaryKey(),
    uuid: varchar5("uuid", { length: 36 }).notNull(),
    instanceUuid: varchar5("instance_uuid", { length: 36 }),
    instanceName: varchar5("instance_name", { length: 255 }),
    name: varchar5("name", { length: 255 }),
    chassisId: integer2("chassis_id").references(() => chassis.id),
    powerState: varchar5("power_state", { length: 15 }),
    targetPowerState: varchar5("target_power_state", { length: 15 }),
    provisionState: varchar5("provision_state", { length: 15 }).notNull(),
    targetProvisionState: varchar5("target_provision_state", { length: 15 }),
    provisionUpdatedAt: timestampTz("provision_updated_at"),
    lastError: text2("last_error"),
    instanceInfo: jsonObject("instance_info"),
    properties: jsonObject("properties"),
    driver: varchar5("driver", { length: 255 }),
    driverInfo: jsonObject("driver_info"),
    driverInternalInfo: jsonObject("driver_internal_info"),
    cleanStep: jsonObject("clean_step"),
    deployStep: jsonObject("deploy_step"),
    resourceClass: varchar5("resource_class", { length: 80 }),
    raidConfig: jsonObject("raid_config"),
    targetRaidConfig: jsonObject("target_raid_config"),
    reservation: varchar5("reservation", { length: 255 }),
    conductorAffinity: integer2("conductor_affinity").references(() => conductors.id, {
      onDelete: "set null"
    }),
    conductorGroup: varchar5("conductor_group", { length: 255 }).notNull().default(""),
    maintenance: boolean2("maintenance").default(false),
    maintenanceReason: text2("maintenance_reason"),
    fault: varchar5("fault", { length: 255 }),
    consoleEnabled: boolean2("console_enabled").default(false),
    inspectionFinishedAt: timestampTz("inspection_finished_at"),
    inspectionStartedAt: timestampTz("inspection_started_at"),
    extra: jsonObject("extra"),
    automatedClean: boolean2("automated_clean"),
    protected: boolean2("protected").notNull().default(false),
    protectedReason: text2("protected_reason"),
    owner: varchar5("owner", { length: 255 }),
    lessee: varchar5("lessee", { length: 255 }),
    allocationId: integer2("allocation_id").references(() => allocations.id, {
      onDelete: "set null"
    }),
    description: text2("description"),
    biosInterface: varchar5("bios_interface", { length: 255 }),
    bootInterface: varchar5("boot_interface", { length: 255 }),
    consoleInterface: varchar5("console_interface", { length: 255 }),
    deployInterface: varchar5("deploy_interface", { length: 255 }),
    firmwareInterface: varchar5("firmware_interface", { length: 255 }),
    inspectInterface: varchar5("inspect_interface", { length: 255 }),
    managementInterface: varchar5("management_interface", { length: 255 }),
    networkInterface: varchar5("network_interface", { length: 255 }),
    raidInterface: varchar5("raid_interface", { length: 255 }),
    rescueInterface: varchar5("rescue_interface", { length: 255 }),
    retired: boolean2("retired").default(false),
    retiredReason: text2("retired_reason"),
    networkData: jsonObject("network_data"),
    storageInterface: varchar5("storage_interface", { length: 255 }),
    powerInterface: varchar5("power_interface", { length: 255 }),
    vendorInterface: varchar5("vendor_interface", { length: 255 }),
    bootMode: varchar5("boot_mode", { length: 16 }),
    secureBoot: boolean2("secure_boot"),
    shard: varchar5("shard", { length: 255 }),
    parentNode: varchar5("parent_node", { length: 36 }),
    serviceStep: jsonObject("service_step"),
    disablePowerOff: boolean2("disable_power_off").default(false),
    health: varchar5("health", { length: 32 }),
    ...lifecycle
  },
  (t) => [
    unique4("uniq_nodes0uuid").on(t.uuid),
    unique4("uniq_nodes0instance_uuid").on(t.instanceUuid),
    unique4("uniq_nodes0name").on(t.name),
    index2("nodes_owner_idx").on(t.owner),
    index2("nodes_lessee_idx").on(t.lessee),
    index2("nodes_driver_idx").on(t.driver),
    index2("nodes_provision_state_idx").on(t.provisionState),
    index2("nodes_reservation_idx").on(t.reservation),
    index2("nodes_conductor_group_idx").on(t.conductorGroup),
    index2("nodes_resource_class_idx").on(t.resourceClass),
    index2("nodes_shard_idx").on(t.shard),
    index2("nodes_parent_node_idx").on(t.parentNode),
    index2("nodes_chassis_id_idx").on(t.chassisId),
    index2("nodes_allocation_id_idx").on(t.allocationId),
    index2("nodes_conductor_affinity_idx").on(t.conductorAffinity)
  ]
);

// src/db/schema/bios-settings.ts
var biosSettings = pgTable5(
  "bios_settings",
  {
    nodeId: integer3("node_id").notNull().references(() => nodes.id, { onDelete: "cascade" }),
    name: varchar6("name", { length: 255 }).notNull(),
    value: text3("value"),
    attributeType: varchar6("attribute_type", { length: 255 }),
    allowableValues: jsonArray("allowable_values"),
    lowerBound: bigint("lower_bound", { mode: "number" }),
    maxLength: integer3("max_length"),
    minLength: integer3("min_length"),
    readOnly: boolean3("read_only"),
    resetRequired: boolean3("reset_required"),
    unique: boolean3("unique"),
    upperBound: bigint("upper_bound", { mode: "number" }),
    ...lifecycle
  },
  (t) => [primaryKey({ columns: [t.nodeId, t.name] })]
);

// src/db/schema/conductor-hardware-interfaces.ts
import { boolean as boolean4, integer as integer4, pgTable as pgTable6, serial as serial5, unique as unique5, varchar as varchar7 } from "drizzle-orm/pg-core";
var conductorHardwareInterfaces = pgTable6(
  "conductor_hardware_interfaces",
  {
    id: serial5("id").primaryKey(),
    conductorId: integer4("conductor_id").notNull().references(() => conductors.id, { onDelete: "cascade" }),
    hardwareType: varchar7("hardware_type", { length: 255 }).notNull(),
    interfaceType: varchar7("interface_type", { length: 16 }).notNull(),
    interfaceName: varchar7("interface_name", { length: 255 }).notNull(),
    default: boolean4("default").notNull().default(false),
    ...lifecycle
  },
  (t) => [
    unique5("uniq_conductorhardwareinterfaces0").on(
      t.conductorId,
      t.hardwareType,
      t.interfaceType,
      t.interfaceName
    )
  ]
);

// src/db/schema/deploy-template-steps.ts
import { index as index3, integer as integer5, pgTable as pgTable8, serial as serial7, varchar as varchar9 } from "drizzle-orm/pg-core";

// src/db/schema/deploy-templates.ts
import { pgTable as pgTable7, serial as serial6, unique as unique6, varchar as varchar8 } from "drizzle-orm/pg-core";
var deployTemplates = pgTable7(
  "deploy_templates",
  {
    id: serial6("id").primaryKey(),
    uuid: varchar8("uuid", { length: 36 }).notNull(),
    name: varchar8("name", { length: 255 }).notNull(),
    extra: jsonObject("extra"),
    ...lifecycle
  },
  (t) => [
    unique6("uniq_deploytemplates0uuid").on(t.uuid),
    unique6("uniq_deploytemplates0name").on(t.name)
  ]
);

// src/db/schema/deploy-template-steps.ts
var deployTemplateSteps = pgTable8(
  "deploy_template_steps",
  {
    id: serial7("id").primaryKey(),
    deployTemplateId: integer5("deploy_template_id").notNull().references(() => deployTemplates.id, { onDelete: "cascade" }),
    interface: varchar9("interface", { length: 255 }).notNull(),
    step: varchar9("step", { length: 255 }).notNull(),
    args: jsonObject("args").notNull(),
    priority: integer5("priority").notNull(),
    ...lifecycle
  },
  (t) => [
    index3("deploy_template_steps_deploy_template_id_idx").on(t.deployTemplateId),
    index3("deploy_template_steps_interface_idx").on(t.interface),
    index3("deploy_template_steps_step_idx").on(t.step)
  ]
);

// src/db/schema/ferric.ts
import { index as index4, integer as integer6, pgTable as pgTable9, text as text4, timestamp as timestamp2, uuid, varchar as varchar10 } from "drizzle-orm/pg-core";
var processes = pgTable9("ferric_processes", {
  id: uuid("id").primaryKey(),
  host: varchar10("host", { length: 255 }).notNull(),
  roles: varchar10("roles", { length: 64 }).notNull(),
  startedAt: timestampTz("started_at").notNull(),
  heartbeatAt: timestampTz("heartbeat_at").notNull()
});
var tasks = pgTable9(
  "ferric_tasks",
  {
    id: uuid("id").primaryKey(),
    kind: varchar10("kind", { length: 64 }).notNull(),
    nodeId: integer6("node_id").references(() => nodes.id, { onDelete: "cascade" }),
    args: jsonObject("args").notNull(),
    queue: varchar10("queue", { length: 255 }).notNull(),
    state: varchar10("state", { length: 16 }).notNull().default("queued"),
    processId: uuid("process_id"),
    attempts: integer6("attempts").notNull().default(0),
    requestId: varchar10("request_id", { length: 64 }),
    userId: varchar10("user_id", { length: 64 }),
    projectId: varchar10("project_id", { length: 80 }),
    notBefore: timestampTz("not_before"),
    createdAt: timestampTz("created_at").notNull().defaultNow(),
    startedAt: timestampTz("started_at")
  },
  (t) => [
    index4("ferric_tasks_node_id_idx").on(t.nodeId),
    index4("ferric_tasks_state_idx").on(t.state),
    index4("ferric_tasks_process_id_idx").on(t.processId)
  ]
);
var reservations = pgTable9(
  "ferric_reservations",
  {
    nodeId: integer6("node_id").primaryKey().references(() => nodes.id, { onDelete: "cascade" }),
    token: uuid("token").notNull(),
    host: varchar10("host", { length: 255 }).notNull(),
    processId: uuid("process_id").notNull(),
    taskId: uuid("task_id"),
    purpose: text4("purpose").notNull(),
    since: timestamp2("since", { withTimezone: true, mode: "date", precision: 6 }).notNull().defaultNow()
  },
  (t) => [index4("ferric_reservations_process_id_idx").on(t.processId)]
);

// src/db/schema/firmware-information.ts
import { integer as integer7, pgTable as pgTable10, serial as serial8, unique as unique7, varchar as varchar11 } from "drizzle-orm/pg-core";
var firmwareInformation = pgTable10(
  "firmware_information",
  {
    id: serial8("id").primaryKey(),
    nodeId: integer7("node_id").notNull().references(() => nodes.id, { onDelete: "cascade" }),
    component: varchar11("component", { length: 255 }).notNull(),
    initialVersion: varchar11("initial_version", { length: 255 }).notNull(),
    currentVersion: varchar11("current_version", { length: 255 }),
    lastVersionFlashed: varchar11("last_version_flashed", { length: 255 }),
    vendor: varchar11("vendor", { length: 255 }),
    model: varchar11("model", { length: 255 }),
    serialNumber: varchar11("serial_number", { length: 255 }),
    ...lifecycle
  },
  (t) => [unique7("uniq_nodecomponent0node_id0component").on(t.nodeId, t.component)]
);

// src/db/schema/inspection-rules.ts
import { boolean as boolean5, index as index5, integer as integer8, pgTable as pgTable11, serial as serial9, unique as unique8, varchar as varchar12 } from "drizzle-orm/pg-core";
var inspectionRules = pgTable11(
  "inspection_rules",
  {
    id: serial9("id").primaryKey(),
    uuid: varchar12("uuid", { length: 36 }).notNull(),
    priority: integer8("priority").notNull().default(0),
    description: varchar12("description", { length: 255 }),
    scope: varchar12("scope", { length: 255 }),
    sensitive: boolean5("sensitive").default(false),
    phase: varchar12("phase", { length: 16 }).default("main"),
    conditions: jsonArray("conditions"),
    actions: jsonArray("actions").notNull(),
    ...lifecycle
  },
  (t) => [
    unique8("uniq_inspection_rules0uuid").on(t.uuid),
    index5("inspection_rule_scope_idx").on(t.scope),
    index5("inspection_rule_phase_idx").on(t.phase)
  ]
);

// src/db/schema/node-history.ts
import { index as index6, integer as integer9, pgTable as pgTable12, serial as serial10, text as text5, unique as unique9, varchar as varchar13 } from "drizzle-orm/pg-core";
var nodeHistory = pgTable12(
  "node_history",
  {
    id: serial10("id").primaryKey(),
    uuid: varchar13("uuid", { length: 36 }).notNull(),
    conductor: varchar13("conductor", { length: 255 }),
    eventType: varchar13("event_type", { length: 255 }),
    severity: varchar13("severity", { length: 255 }),
    event: text5("event"),
    user: varchar13("user", { length: 64 }),
    project: varchar13("project", { length: 80 }),
    nodeId: integer9("node_id").references(() => nodes.id, { onDelete: "cascade" }),
    state: varchar13("state", { length: 255 }),
    targetProvisionState: varchar13("target_provision_state", { length: 255 }),
    durationSeconds: integer9("duration_seconds"),
    ...lifecycle
  },
  (t) => [
    unique9("uniq_history0uuid").on(t.uuid),
    index6("node_history_history_node_id_idx").on(t.nodeId),
    index6("node_history_history_uuid_idx").on(t.uuid),
    index6("node_history_history_conductor_idx").on(t.conductor)
  ]
);

// src/db/schema/node-inventory.ts
import { index as index7, integer as integer10, pgTable as pgTable13, serial as serial11 } from "drizzle-orm/pg-core";
var nodeInventory = pgTable13(
  "node_inventory",
  {
    id: serial11("id").primaryKey(),
    inventoryData: jsonObject("inventory_data"),
    pluginData: jsonObject("plugin_data"),
    nodeId: integer10("node_id").references(() => nodes.id, { onDelete: "cascade" }),
    ...lifecycle
  },
  (t) => [index7("node_inventory_inventory_node_id_idx").on(t.nodeId)]
);

// src/db/schema/node-tags.ts
import { index as index8, integer as integer11, pgTable as pgTable14, primaryKey as primaryKey2, varchar as varchar14 } from "drizzle-orm/pg-core";
var nodeTags = pgTable14(
  "node_tags",
  {
    nodeId: integer11("node_id").notNull().references(() => nodes.id, { onDelete: "cascade" }),
    tag: varchar14("tag", { length: 255 }).notNull(),
    ...lifecycle
  },
  (t) => [primaryKey2({ columns: [t.nodeId, t.tag] }), index8("node_tags_idx").on(t.tag)]
);

// src/db/schema/node-traits.ts
import { index as index9, integer as integer12, pgTable as pgTable15, primaryKey as primaryKey3, varchar as varchar15 } from "drizzle-orm/pg-core";
var nodeTraits = pgTable15(
  "node_traits",
  {
    nodeId: integer12("node_id").notNull().references(() => nodes.id, { onDelete: "cascade" }),
    trait: varchar15("trait", { length: 255 }).notNull(),
    ...lifecycle
  },
  (t) => [primaryKey3({ columns: [t.nodeId, t.trait] }), index9("node_traits_idx").on(t.trait)]
);

// src/db/schema/portgroups.ts
import { index as index10, boolean as boolean6, integer as integer13, pgTable as pgTable16, serial as serial12, unique as unique10, varchar as varchar16 } from "drizzle-orm/pg-core";
var portgroups = pgTable16(
  "portgroups",
  {
    id: serial12("id").primaryKey(),
    uuid: varchar16("uuid", { length: 36 }).notNull(),
    name: varchar16("name", { length: 255 }),
    nodeId: integer13("node_id").references(() => nodes.id, { onDelete: "cascade" }),
    address: varchar16("address", { length: 18 }),
    extra: jsonObject("extra"),
    internalInfo: jsonObject("internal_info"),
    standalonePortsSupported: boolean6("standalone_ports_supported").default(true),
    mode: varchar16("mode", { length: 255 }),
    properties: jsonObject("properties"),
    physicalNetwork: varchar16("physical_network", { length: 64 }),
    category: varchar16("category", { length: 80 }),
    dynamicPortgroup: boolean6("dynamic_portgroup").default(false),
    ...lifecycle
  },
  (t) => [
    unique10("uniq_portgroups0uuid").on(t.uuid),
    unique10("uniq_portgroups0address").on(t.address),
    unique10("uniq_portgroups0name").on(t.name),
    index10("portgroups_node_id_idx").on(t.nodeId)
  ]
);

// src/db/schema/ports.ts
import { index as index11, boolean as boolean7, integer as integer14, pgTable as pgTable17, serial as serial13, unique as unique11, varchar as varchar17 } from "drizzle-orm/pg-core";
var ports = pgTable17(
  "ports",
  {
    id: serial13("id").primaryKey(),
    uuid: varchar17("uuid", { length: 36 }).notNull(),
    address: varchar17("address", { length: 18 }),
    nodeId: integer14("node_id").references(() => nodes.id, { onDelete: "cascade" }),
    extra: jsonObject("extra"),
    localLinkConnection: jsonObject("local_link_connection"),
    portgroupId: integer14("portgroup_id").references(() => portgroups.id, { onDelete: "set null" }),
    pxeEnabled: boolean7("pxe_enabled").default(true),
    internalInfo: jsonObject("internal_info"),
    physicalNetwork: varchar17("physical_network", { length: 64 }),
    isSmartnic: boolean7("is_smartnic").default(false),
    name: varchar17("name", { length: 255 }),
    description: varchar17("description", { length: 255 }),
    vendor: varchar17("vendor", { length: 32 }),
    category: varchar17("category", { length: 80 }),
    availableForDynamicPortgroup: boolean7("available_for_dynamic_portgroup").notNull().default(true),
    ...lifecycle
  },
  (t) => [
    unique11("uniq_ports0address").on(t.address),
    unique11("uniq_ports0uuid").on(t.uuid),
    unique11("uniq_ports0name").on(t.name),
    index11("ports_node_id_idx").on(t.nodeId),
    index11("ports_portgroup_id_idx").on(t.portgroupId)
  ]
);

// src/db/schema/runbook-steps.ts
import { index as index12, integer as integer15, pgTable as pgTable19, serial as serial15, varchar as varchar19 } from "drizzle-orm/pg-core";

// src/db/schema/runbooks.ts
import { boolean as boolean8, pgTable as pgTable18, serial as serial14, unique as unique12, varchar as varchar18 } from "drizzle-orm/pg-core";
var runbooks = pgTable18(
  "runbooks",
  {
    id: serial14("id").primaryKey(),
    uuid: varchar18("uuid", { length: 36 }).notNull(),
    name: varchar18("name", { length: 255 }).notNull(),
    description: varchar18("description", { length: 255 }),
    public: boolean8("public").default(false),
    owner: varchar18("owner", { length: 255 }),
    disableRamdisk: boolean8("disable_ramdisk").default(false),
    extra: jsonObject("extra"),
    ...lifecycle
  },
  (t) => [unique12("uniq_runbooks0uuid").on(t.uuid), unique12("uniq_runbooks0name").on(t.name)]
);

// src/db/schema/runbook-steps.ts
var runbookSteps = pgTable19(
  "runbook_steps",
  {
    id: serial15("id").primaryKey(),
    runbookId: integer15("runbook_id").notNull().references(() => runbooks.id, { onDelete: "cascade" }),
    interface: varchar19("interface", { length: 255 }).notNull(),
    step: varchar19("step", { length: 255 }).notNull(),
    args: jsonObject("args").notNull(),
    order: integer15("order").notNull(),
    ...lifecycle
  },
  (t) => [
    index12("runbook_steps_runbook_id_idx").on(t.runbookId),
    index12("runbook_steps_interface_idx").on(t.interface),
    index12("runbook_steps_step_idx").on(t.step)
  ]
);

// src/db/schema/runbook-traits.ts
import { index as index13, integer as integer16, pgTable as pgTable20, primaryKey as primaryKey4, varchar as varchar20 } from "drizzle-orm/pg-core";
var runbookTraits = pgTable20(
  "runbook_traits",
  {
    runbookId: integer16("runbook_id").notNull().references(() => runbooks.id, { onDelete: "cascade" }),
    trait: varchar20("trait", { length: 255 }).notNull(),
    ...lifecycle
  },
  (t) => [primaryKey4({ columns: [t.runbookId, t.trait] }), index13("runbook_traits_idx").on(t.trait)]
);

// src/db/schema/volume-connectors.ts
import { index as index14, integer as integer17, pgTable as pgTable21, serial as serial16, unique as unique13, varchar as varchar21 } from "drizzle-orm/pg-core";
var volumeConnectors = pgTable21(
  "volume_connectors",
  {
    id: serial16("id").primaryKey(),
    uuid: varchar21("uuid", { length: 36 }).notNull(),
    nodeId: integer17("node_id").references(() => nodes.id, { onDelete: "cascade" }),
    type: varchar21("type", { length: 32 }),
    connectorId: varchar21("connector_id", { length: 255 }),
    extra: jsonObject("extra"),
    ...lifecycle
  },
  (t) => [
    unique13("uniq_volumeconnectors0uuid").on(t.uuid),
    unique13("uniq_volumeconnectors0type0connector_id").on(t.type, t.connectorId),
    index14("volume_connectors_node_id_idx").on(t.nodeId)
  ]
);

// src/db/schema/volume-targets.ts
import { integer as integer18, pgTable as pgTable22, serial as serial17, unique as unique14, varchar as varchar22 } from "drizzle-orm/pg-core";
var volumeTargets = pgTable22(
  "volume_targets",
  {
    id: serial17("id").primaryKey(),
    uuid: varchar22("uuid", { length: 36 }).notNull(),
    nodeId: integer18("node_id").references(() => nodes.id, { onDelete: "cascade" }),
    volumeType: varchar22("volume_type", { length: 64 }),
    properties: jsonObject("properties"),
    bootIndex: integer18("boot_index"),
    volumeId: varchar22("volume_id", { length: 36 }),
    extra: jsonObject("extra"),
    ...lifecycle
  },
  (t) => [
    unique14("uniq_volumetargets0uuid").on(t.uuid),
    unique14("uniq_volumetargets0node_id0boot_index").on(t.nodeId, t.bootIndex)
  ]
);

// src/db/url.ts
import { resolve } from "node:path";
var postgresScheme = /^postgres(?:ql)?(?:\+\w+)?:\/\//i;
function databaseHome2(connection, statePath) {
  if (!connection) return { kind: "pglite", directory: resolve(statePath, "db") };
  if (postgresScheme.test(connection)) return postgresHome(connection);
  if (connection.startsWith("pglite://")) return pgliteHome(connection.slice("pglite://".length));
  const scheme = /^([\w+]+):/.exec(connection)?.[1] ?? "without a scheme";
  throw new Error(
    `[database] connection: a ${scheme} URL is not supported. Use postgresql://user@host/name, pglite:///directory, or leave the option out for the embedded database.`
  );
}
function pgliteHome(path) {
  if (path === "memory") return { kind: "pglite", directory: null };
  if (!path.startsWith("/")) {
    throw new Error(
      "[database] connection: pglite:// takes an absolute path, as in pglite:///srv/db"
    );
  }
  return { kind: "pglite", directory: resolve(decodeURIComponent(path)) };
}
function postgresHome(connection) {
  const plain2 = connection.replace(postgresScheme, "postgresql://");
  if (!URL.canParse(plain2)) {
    throw new Error("[database] connection: not a valid postgresql:// URL");
  }
  return { kind: "postgres", url: new URL(plain2) };
}
function describeHome(home) {
  if (home.kind === "pglite") {
    return home.directory === null ? "embedded, in memory" : `embedded in ${home.directory}`;
  }
  const { hostname: hostname4, port, pathname, searchParams } = home.url;
  const host = hostname4 || searchParams.get("host") || "localhost";
  return `postgresql://${host}${port ? `:${port}` : ""}${pathname}`;
}

// src/db/pglite.ts
var SingleSessionPglite = class extends PGlite {
  #inside = new AsyncLocalStorage();
  #refuseInside() {
    if (this.#inside.getStore()?.open) {
      throw new Error("Query outside the open transaction, from inside it: use the `tx` given");
    }
  }
  async query(text6, params, options) {
    this.#refuseInside();
    return super.query(text6, params, options);
  }
  async transaction(callback) {
    this.#refuseInside();
    const scope = { open: true };
    try {
      return await super.transaction((tx) => this.#inside.run(scope, () => callback(tx)));
    } finally {
      scope.open = false;
    }
  }
};
var likePg = { parsers: { [types.INT8]: (value) => value } };
async function run(session, text6, params) {
  const result = params?.length ? await session.query(text6, [...params], likePg) : (await session.exec(text6, likePg)).at(-1);
  const rows = result?.rows ?? [];
  return { rows, rowCount: result?.rowCount ?? result?.affectedRows ?? null };
}
function pgliteDriver(pg) {
  return {
    query: (text6, params) => run(pg, text6, params),
    transaction: (work) => pg.transaction((tx) => {
      const session = { query: (text6, params) => run(tx, text6, params) };
      return work(session);
    }),
    listen: (channel, onPayload) => pg.listen(channel, onPayload)
  };
}
var searchPath = "ALTER ROLE CURRENT_USER SET search_path = public, bullmq; SET search_path = public, bullmq";
async function openPglite(directory, options = {}) {
  if (directory !== null) await mkdir(dirname(directory), { recursive: true });
  const lock = directory === null ? void 0 : await lockDirectory(directory);
  let client;
  try {
    client = new SingleSessionPglite({ ...options, ...directory && { dataDir: directory } });
    await client.waitReady;
    await client.exec(searchPath);
  } catch (error) {
    await lock?.release();
    throw new Error(`Cannot open the embedded database (${directory ?? "in memory"})`, {
      cause: error
    });
  }
  const close = once(async () => {
    await client.close();
    await lock?.release();
  });
  return {
    orm: drizzle({ client, schema: schema_exports }),
    kind: "pglite",
    pool: new QueuePool(pgliteDriver(client)),
    description: describeHome({ kind: "pglite", directory }),
    client,
    close,
    [Symbol.asyncDispose]: close
  };
}
function once(work) {
  let running;
  return () => running ??= work();
}

// src/db/postgres.ts
import { drizzle as drizzle2 } from "drizzle-orm/postgres-js";
import postgres from "postgres";
var connectTimeoutSeconds = 10;
var closeTimeoutSeconds = 5;
function connectionOptions(url) {
  const query = url.searchParams;
  const sslmode = query.get("sslmode");
  return {
    host: query.get("host") ?? (decodeURIComponent(url.hostname) || "localhost"),
    port: Number(query.get("port") ?? (url.port || 5432)),
    database: decodeURIComponent(url.pathname.slice(1)) || "postgres",
    ...url.username && { username: decodeURIComponent(url.username) },
    ...url.password && { password: decodeURIComponent(url.password) },
    ...sslmode && { ssl: sslOf(sslmode) }
  };
}
function sslOf(mode) {
  if (mode === "disable") return false;
  if (mode === "verify-full" || mode === "verify-ca") return "verify-full";
  return mode === "prefer" || mode === "allow" ? mode : "require";
}
var jsonLikePg = {
  to: 114,
  from: [114, 3802],
  serialize: (value) => typeof value === "string" ? value : JSON.stringify(value),
  parse: (text6) => JSON.parse(text6)
};
async function run2(session, text6, params) {
  const values = params ?? [];
  const result = await session.unsafe(text6, values, {
    prepare: params !== void 0
  });
  return { rows: [...result], rowCount: result.count };
}
function postgresDriver(sql2) {
  return {
    query: (text6, params) => run2(sql2, text6, params),
    transaction: async (work) => {
      await sql2.begin((tx) => work({ query: (text6, params) => run2(tx, text6, params) }));
    },
    listen: async (channel, onPayload) => {
      const subscription = await sql2.listen(channel, onPayload);
      return () => subscription.unlisten();
    }
  };
}
async function openPostgres(url, max, log) {
  const shared = {
    ...connectionOptions(url),
    connect_timeout: connectTimeoutSeconds,
    onnotice: (notice) => log.debug({ notice: notice["message"] }, "PostgreSQL notice")
  };
  const named = (name) => ({ application_name: name });
  const sql2 = postgres({ ...shared, max, connection: named("ferric") });
  const queueSql = postgres({
    ...shared,
    max: Math.max(2, Math.floor(max / 2)),
    connection: { ...named("ferric-queue"), search_path: "bullmq" },
    types: { json: jsonLikePg }
  });
  const close = async () => {
    await Promise.all([sql2, queueSql].map((s2) => s2.end({ timeout: closeTimeoutSeconds })));
  };
  const description = describeHome({ kind: "postgres", url });
  try {
    await sql2`select 1`;
  } catch (error) {
    await close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot connect to ${description}: ${reason}`, { cause: error });
  }
  return {
    orm: drizzle2(sql2, { schema: schema_exports }),
    kind: "postgres",
    pool: new QueuePool(postgresDriver(queueSql)),
    description,
    close,
    [Symbol.asyncDispose]: close
  };
}

// src/db/client.ts
async function openDatabase(config2, log) {
  const home = databaseHome2(config2.database.connection, config2.DEFAULT.state_path);
  if (home.kind === "pglite") return openPglite(home.directory);
  return openPostgres(home.url, config2.database.max_pool_size, log);
}

// src/db/migrate.ts
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile as readFile2 } from "node:fs/promises";
import { dirname as dirname2, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runMigrations as runMigrations2 } from "bullmq";
var advisoryLock = 112585897830755;
var lockTimeout = "120s";
function migrationsDirectory() {
  let directory = dirname2(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "migrations/meta/_journal.json"))) {
    if (directory === dirname2(directory)) throw new Error("migrations/ is missing");
    directory = dirname2(directory);
  }
  return join(directory, "migrations");
}
async function readMigrations(directory = migrationsDirectory()) {
  const journal = JSON.parse(await readFile2(join(directory, "meta/_journal.json"), "utf8"));
  return Promise.all(
    journal.entries.map(async ({ when, tag }) => {
      const sql2 = await readFile2(join(directory, `${tag}.sql`), "utf8");
      return { when, sql: sql2, hash: createHash("sha256").update(sql2).digest("hex") };
    })
  );
}
var prepareLedger = `
  SET LOCAL search_path TO public;
  SET LOCAL lock_timeout = '${lockTimeout}';
  SELECT pg_advisory_xact_lock(${advisoryLock});
  CREATE SCHEMA IF NOT EXISTS drizzle;
  CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (
    id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint
  )`;
async function applyPending(client, migrations) {
  await client.query(prepareLedger);
  const { rows } = await client.query(
    "SELECT coalesce(max(created_at), 0)::text AS last FROM drizzle.__drizzle_migrations"
  );
  const last = Number(rows[0]?.last);
  const pending = migrations.filter((m) => m.when > last);
  for (const { sql: sql2, hash, when } of pending) {
    await client.query(sql2.replaceAll("--> statement-breakpoint", ""));
    await client.query(
      "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ($1, $2)",
      [hash, when]
    );
  }
  return pending.length;
}
async function inTransaction(client, work) {
  await client.query("BEGIN");
  try {
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}
async function migrate2(database2, options = {}) {
  const migrations = await readMigrations();
  const client = await database2.pool.connect();
  try {
    const applied = await inTransaction(client, () => applyPending(client, migrations));
    if (options.queue !== false) await runMigrations2(client);
    return applied;
  } finally {
    client.release();
  }
}

// src/errors.ts
var IronicError = class extends Error {
  name = "IronicError";
  status;
  /** Extra answer headers, such as `Retry-After`. */
  headers;
  constructor(message, options = {}) {
    super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
    this.status = options.status ?? 500;
    this.headers = options.headers ?? {};
  }
};
var RoutingError = class extends IronicError {
  name = "RoutingError";
  title;
  constructor(status, title, description = "", headers = {}) {
    super(description, { status, headers });
    this.title = title;
  }
};
var Invalid = class extends IronicError {
  name = "Invalid";
  constructor(message = "Unacceptable parameters.", cause) {
    super(message, { status: 400, cause });
  }
};
var InvalidParameterValue = class extends Invalid {
  name = "InvalidParameterValue";
};
var MissingParameterValue = class extends Invalid {
  name = "MissingParameterValue";
};
var UnsupportedDriverExtension = class extends Invalid {
  name = "UnsupportedDriverExtension";
  constructor(driver, extension) {
    super(`Driver ${driver} does not support ${extension} (disabled or not implemented).`);
  }
};
var PatchError = class extends Invalid {
  name = "PatchError";
  constructor(patch, reason) {
    super(`Couldn't apply patch '${patch}'. Reason: ${reason}`);
  }
};
var NotFound = class extends IronicError {
  name = "NotFound";
  constructor(message = "Resource could not be found.", status = 404) {
    super(message, { status });
  }
};
var ObjectNotFound = class extends NotFound {
  name = "ObjectNotFound";
  what;
  constructor(what, ident) {
    super(`${what} ${ident} could not be found.`);
    this.what = what;
  }
};
var DriverNotFound = class extends NotFound {
  name = "DriverNotFound";
  constructor(driver) {
    super(`Could not find the following driver(s) or hardware type(s): ${driver}.`);
  }
};
var NotAcceptable = class _NotAcceptable extends IronicError {
  name = "NotAcceptable";
  constructor(message = "Request not acceptable.") {
    super(message, { status: 406 });
  }
  static minVersion(minor) {
    return new _NotAcceptable(
      `Request not acceptable. The minimal required API version should be 1.${minor}`
    );
  }
};
var Conflict = class extends IronicError {
  name = "Conflict";
  constructor(message = "Conflict.", headers = {}) {
    super(message, { status: 409, headers });
  }
};
var ServerError = class extends IronicError {
  name = "ServerError";
  constructor(message = "An unknown exception occurred.", cause) {
    super(message, { status: 500, cause });
  }
};
var Unavailable = class extends IronicError {
  name = "Unavailable";
  constructor(message = "Resource temporarily unavailable, please retry.", cause) {
    super(message, { status: 503, cause });
  }
};
function databaseFault(error) {
  for (let e = error; e instanceof Error; e = e.cause) {
    const {
      code,
      constraint,
      constraint_name: named
    } = e;
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) {
      const c = typeof constraint === "string" ? constraint : named;
      return { code, constraint: typeof c === "string" ? c : void 0 };
    }
  }
  return null;
}
function fromUnknown(error) {
  if (error instanceof IronicError) return error;
  const fault = databaseFault(error);
  if (fault !== null) return fromDatabase(fault, error);
  return new ServerError(void 0, error);
}
function fromDatabase(fault, cause) {
  switch (fault.code.slice(0, 2)) {
    case "22":
      return new Invalid(
        "A value is too long, out of range or holds a character that cannot be stored.",
        cause
      );
    case "40":
    // serialisation failure, deadlock
    case "53":
    // insufficient resources
    case "57":
    // operator intervention, e.g. the server is shutting down
    case "08":
      return new Unavailable(void 0, cause);
    default:
      return new ServerError(void 0, cause);
  }
}

// src/drivers/python-repr.ts
function pythonRepr(value) {
  if (value === null || value === void 0) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return reprString(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  if (typeof value === "object") {
    const items = Object.entries(value).map(([k, v]) => `${reprString(k)}: ${pythonRepr(v)}`);
    return `{${items.join(", ")}}`;
  }
  return JSON.stringify(value);
}
var pythonStr = (value) => typeof value === "string" ? value : pythonRepr(value);
var escapes = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "	": "\\t"
};
function reprString(value) {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const body = Array.from(value, (c) => escapes[c] ?? (c === quote ? `\\${c}` : printable(c)));
  return `${quote}${body.join("")}${quote}`;
}
function printable(char) {
  const code = char.codePointAt(0) ?? 0;
  return code < 32 || code === 127 ? `\\x${code.toString(16).padStart(2, "0")}` : char;
}

// src/drivers/errors.ts
var pythonList = (items) => `[${items.map((i) => `'${i}'`).join(", ")}]`;
var InterfaceNotFoundInEntrypoint = class extends Invalid {
  name = "InterfaceNotFoundInEntrypoint";
  constructor(kind, wanted, valid) {
    super(
      `Could not find the following interface in the 'ironic.hardware.interfaces.${kind}' entrypoint: ${wanted}. Valid interfaces are ${pythonList(valid)}.`
    );
  }
};
var IncompatibleInterface = class extends Invalid {
  name = "IncompatibleInterface";
  constructor(kind, implementation, hardwareClass) {
    super(
      `${kind} interface implementation '${implementation}' is not supported by hardware type ${hardwareClass}.`
    );
  }
};
var NoValidDefaultForInterface = class extends Invalid {
  name = "NoValidDefaultForInterface";
  constructor(kind, hardwareType2, nodeUuid) {
    const node = nodeUuid === void 0 ? "" : ` node ${nodeUuid} with`;
    super(
      `For${node} hardware type '${hardwareType2}', no default value found for ${kind} interface could be determined. Please ensure the interfaces are enabled.`
    );
  }
};
var DriverNotFoundInEntrypoint = class extends NotFound {
  name = "DriverNotFoundInEntrypoint";
  constructor(entrypoint, names) {
    super(
      `Could not find the following items in the '${entrypoint}' entrypoint: ${names.join(", ")}.`
    );
  }
};
var DriverLoadError = class extends IronicError {
  name = "DriverLoadError";
  constructor(driver, reason, cause) {
    super(`Driver, hardware type or interface ${driver} could not be loaded. Reason: ${reason}.`, {
      cause
    });
  }
};
var NoDriversLoaded = class extends IronicError {
  name = "NoDriversLoaded";
  constructor(host) {
    super(`Conductor ${host} cannot be started because no hardware types were loaded.`);
  }
};

// src/drivers/driver-info/fields.ts
var isTruthy = (value) => Array.isArray(value) ? value.length > 0 : typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
function requireParams(params, message) {
  const missing2 = Object.keys(params).filter((key) => !isTruthy(params[key]));
  if (missing2.length > 0) {
    throw new MissingParameterValue(`${message}. Missing are: ${pythonList(missing2)}`);
  }
}
var yes = /* @__PURE__ */ new Set(["1", "t", "true", "on", "y", "yes"]);
var no = /* @__PURE__ */ new Set(["0", "f", "false", "off", "n", "no"]);
function strictBool(value, refuse2) {
  if (typeof value === "boolean") return value;
  const text6 = pythonStr(value).trim().toLowerCase();
  if (yes.has(text6)) return true;
  if (no.has(text6)) return false;
  throw refuse2(
    `Unrecognized value '${pythonStr(value)}', acceptable values are: ${[...no, ...yes].toSorted().map((v) => `'${v}'`).join(", ")}`
  );
}
function networkPort(value, name) {
  const text6 = pythonStr(value);
  const port = /^\d+$/.test(text6.trim()) ? Number(text6) : Number.NaN;
  if (port >= 0 && port <= 65535) return port;
  throw new InvalidParameterValue(`${name} "${text6}" is not a valid port.`);
}

// src/drivers/driver-info/capabilities.ts
var allowed = {
  boot_mode: ["bios", "uefi"],
  secure_boot: ["true", "false"],
  disk_label: ["msdos", "gpt"]
};
function nodeCapabilities(node) {
  const text6 = node.properties?.["capabilities"];
  if (typeof text6 !== "string") return {};
  const pairs = text6.split(",").map((item) => item.split(":"));
  const found = {};
  for (const [key, value, ...more] of pairs) {
    if (!key || !value || more.length > 0) continue;
    found[key.trim()] ??= value.trim();
  }
  return found;
}
function instanceCapabilities(node) {
  const value = parsed(node.instanceInfo?.["capabilities"] ?? {});
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value;
  }
  throw new InvalidParameterValue(
    `Error parsing capabilities from Node ${node.uuid} instance_info field. A dictionary or a "jsonified" dictionary is expected.`
  );
}
function parsed(value) {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
function validateCapabilities(node) {
  for (const [name, values] of Object.entries(allowed)) {
    check(name, nodeCapabilities(node)[name], values, "properties/capabilities");
    check(name, instanceCapabilities(node)[name], values, "instance_info['capabilities']");
  }
}
function check(name, value, values, field) {
  if (!isTruthy(value) || values.includes(pythonStr(value))) return;
  throw new InvalidParameterValue(
    `The parameter '${name}' from ${field} has an invalid value: '${pythonStr(value)}'. Acceptable values are: ${values.join(", ")}.`
  );
}

// src/drivers/driver-info/ramdisk.ts
function agentKernelRamdisk(task, mode) {
  const { conductor: conductor2 } = task.ctx.config;
  return ofNode(task, mode) ?? byArchitecture(task, mode) ?? {
    kernel: conductor2[`${mode}_kernel`],
    ramdisk: conductor2[`${mode}_ramdisk`]
  };
}
function ofNode(task, mode) {
  const info = task.node.driverInfo ?? {};
  const names = [`${mode}_kernel`, `${mode}_ramdisk`];
  const set = names.filter((name) => isTruthy(info[name]));
  if (set.length === 2) {
    return { kernel: pythonStr(info[names[0]]), ramdisk: pythonStr(info[names[1]]) };
  }
  if (set[0] !== void 0) {
    const { uuid: uuid3 } = task.node;
    ambiguous(
      task,
      `Node ${uuid3} driver_info has an override for ${set[0]}, but not for ${other(names, set[0])}. This configuration is ambiguous. Node ${uuid3} cannot boot a ramdisk.`
    );
  }
  return null;
}
function byArchitecture(task, mode) {
  const arch = task.node.properties?.["cpu_arch"];
  if (typeof arch !== "string" || arch === "") return null;
  const { conductor: conductor2 } = task.ctx.config;
  const names = [`${mode}_kernel_by_arch`, `${mode}_ramdisk_by_arch`];
  const [kernel, ramdisk] = [conductor2[names[0]][arch], conductor2[names[1]][arch]];
  if (kernel && ramdisk) return { kernel, ramdisk };
  if (kernel || ramdisk) {
    const set = kernel && !ramdisk ? names[0] : names[1];
    ambiguous(
      task,
      `CONF.conductor.${set} has a value for ${arch} servers, but doesn't have one in CONF.conductor.${other(names, set)}. This configuration is ambiguous. Node ${task.node.uuid} cannot boot a ramdisk.`
    );
  }
  return null;
}
var other = (names, name) => name === names[0] ? names[1] : names[0];
function ambiguous(task, message) {
  if (task.ctx.config.conductor.error_on_ramdisk_config_inconsistency) {
    throw new MissingParameterValue(message);
  }
  task.ctx.log.warn({ node: task.node.uuid }, message);
}
var skipsAutomatedCleaning = (node, config2) => !(node.automatedClean ?? config2.conductor.automated_clean);
function requireRamdisk(task, mode) {
  const { node, ctx: ctx2 } = task;
  const direct = mode === "deploy" && task.driver.deploy.name === "ramdisk";
  if (direct && skipsAutomatedCleaning(node, ctx2.config)) return;
  const { kernel, ramdisk } = agentKernelRamdisk(task, mode);
  requireParams(
    { [`${mode}_kernel`]: kernel, [`${mode}_ramdisk`]: ramdisk },
    "Cannot validate PXE bootloader. Some parameters were missing in node's driver_info and configuration"
  );
}

// src/drivers/support.ts
var unsupported = (task, extension) => new UnsupportedDriverExtension(task.node.driver ?? "None", extension);
var refuse = (extension) => async (task) => {
  await Promise.resolve();
  throw unsupported(task, extension);
};
var nothing = async () => {
};

// src/drivers/boot/pxe.ts
var properties = {
  deploy_kernel: "UUID (from Glance) of the deployment kernel. Required.",
  deploy_ramdisk: "UUID (from Glance) of the ramdisk that is mounted at boot time. Required.",
  force_persistent_boot_device: "Controls the persistency of boot order changes. 'Always' will make all changes persistent, 'Default' will make all but the final one upon instance deployment non-persistent, and 'Never' will make no persistent changes at all. The old values 'True' and 'False' are still supported but deprecated in favor of the new ones.Defaults to 'Default'. Optional.",
  rescue_kernel: "UUID (from Glance) of the rescue kernel. This value is required for rescue mode.",
  rescue_ramdisk: "UUID (from Glance) of the rescue ramdisk with agent that is used at node rescue time. This value is required for rescue mode.",
  kernel_append_params: "Additional kernel parameters to pass down to instance kernel. These parameters can be consumed by the kernel or by the applications by reading /proc/cmdline. Mind severe cmdline size limit. When used with virtual media, only applies to ISO images that Ironic builds, but not to pre-built ISOs provided via e.g. deploy_iso. Overrides the [pxe]/kernel_append_params configuration option, use %default% to insert its value."
};
var networkBoot = ({ name, capabilities, ipxe }) => ({
  name,
  kind: "boot",
  properties,
  capabilities,
  validate: (task) => validateBoot(task, ipxe),
  async validateRescue(task) {
    await Promise.resolve();
    requireRamdisk(task, "rescue");
  },
  async validateInspection(task) {
    try {
      await validateCommon(task, ipxe);
    } catch (error) {
      if (!(error instanceof MissingParameterValue)) throw error;
      throw new UnmanagedInspection(error.message);
    }
  },
  prepareRamdisk: refuse("prepare_ramdisk"),
  cleanUpRamdisk: refuse("clean_up_ramdisk"),
  prepareInstance: refuse("prepare_instance"),
  cleanUpInstance: refuse("clean_up_instance")
});
var UnmanagedInspection = class extends UnsupportedDriverExtension {
  constructor(reason) {
    super("", "validate_inspection");
    this.message = `Insufficient information provided for managed inspection: ${reason}`;
  }
};
async function validateCommon(task, ipxe) {
  const { node } = task;
  const { deploy: deploy2 } = task.ctx.config;
  if ((await task.ports()).length === 0) {
    throw new MissingParameterValue(`Node ${node.uuid} does not have any port associated with it`);
  }
  if (ipxe && (!deploy2.http_url || !deploy2.http_root)) {
    throw new MissingParameterValue(
      "iPXE boot is enabled but no HTTP URL or HTTP root was specified"
    );
  }
  validateCapabilities(node);
  const { image_source: image, boot_iso: iso } = node.instanceInfo ?? {};
  if (isTruthy(image) && isTruthy(iso)) {
    throw new InvalidParameterValue(
      "An 'image_source' and 'boot_iso' parameter may not be specified at the same time"
    );
  }
  requireRamdisk(task, "deploy");
}
async function validateBoot(task, ipxe) {
  await validateCommon(task, ipxe);
  if (task.driver.deploy.name !== "ramdisk") return;
  if (!await task.driver.storage.shouldWriteImage(task)) return;
  requireRamdiskImages(task);
}
function requireRamdiskImages(task) {
  const { boot_iso: iso, kernel, ramdisk, image_source: image } = task.node.instanceInfo ?? {};
  const direct = isTruthy(kernel) || isTruthy(ramdisk);
  if (isTruthy(iso) || !direct && isTruthy(image)) return;
  requireParams(
    { kernel, ramdisk },
    `Cannot validate image information for node ${task.node.uuid} because one or more parameters are missing from its instance_info and insufficient information is present to boot from a remote volume`
  );
}
var ipxeCapabilities = ["iscsi_volume_boot", "ramdisk_boot", "ipxe_boot", "pxe_boot"];
var pxeBoot = networkBoot({
  name: "pxe",
  capabilities: ["ramdisk_boot", "pxe_boot"],
  ipxe: false
});
var httpBoot = networkBoot({
  name: "http",
  capabilities: ["ramdisk_boot", "pxe_boot"],
  ipxe: false
});
var ipxeBoot = networkBoot({ name: "ipxe", capabilities: ipxeCapabilities, ipxe: true });
var httpIpxeBoot = networkBoot({
  name: "http-ipxe",
  capabilities: ipxeCapabilities,
  ipxe: true
});

// src/drivers/driver-info/ipmi.ts
import { isIP } from "node:net";
var privilegeLevels = ["ADMINISTRATOR", "CALLBACK", "OPERATOR", "USER"];
var protocolVersions = ["2.0", "1.5"];
var ipmiProperties = {
  ipmi_address: "IP address or hostname of the node. Required.",
  ipmi_password: "password. Optional.",
  ipmi_hex_kg_key: "Kg key for IPMIv2 authentication. The key is expected in hexadecimal format. Optional.",
  ipmi_port: "remote IPMI RMCP port. Optional.",
  ipmi_priv_level: `privilege level; default is ADMINISTRATOR. One of ${privilegeLevels.join(", ")}. Optional.`,
  ipmi_username: "username; default is NULL user. Optional.",
  ipmi_bridging: 'bridging_type; default is "no". One of "single", "dual", "no". Optional.',
  ipmi_transit_channel: 'transit channel for bridged request. Required only if ipmi_bridging is set to "dual".',
  ipmi_transit_address: 'transit address for bridged request. Required only if ipmi_bridging is set to "dual".',
  ipmi_target_channel: 'destination channel for bridged request. Required only if ipmi_bridging is set to "single" or "dual".',
  ipmi_target_address: 'destination address for bridged request. Required only if ipmi_bridging is set to "single" or "dual".',
  ipmi_local_address: 'local IPMB address for bridged requests. Used only if ipmi_bridging is set to "single" or "dual". Optional.',
  ipmi_protocol_version: 'the version of the IPMI protocol; default is "2.0". One of "1.5", "2.0". Optional.',
  ipmi_force_boot_device: "Whether Ironic should specify the boot device to the BMC each time the server is turned on, eg. because the BMC is not capable of remembering the selected boot device across power cycles; default value is False. Optional.",
  ipmi_disable_boot_timeout: "By default ironic will send a raw IPMI command to disable the 60 second timeout for booting. Setting this option to False will NOT send that command on this node. The [ipmi]disable_boot_timeout will be used if this option is not set. Optional.",
  ipmi_cipher_suite: "The number of a cipher suite to use. Only 3 (AES-128 with SHA1) or 17 (AES-128 with SHA256) should ever be used; 17 is preferred. The default value depends on the ipmitool version, some recent versions have switched from 3 to 17."
};
function parseIpmiInfo(node) {
  const info = node.driverInfo ?? {};
  if (!isTruthy(info["ipmi_address"])) {
    throw new MissingParameterValue(
      "Missing the following IPMI credentials in node's driver_info: ['ipmi_address']."
    );
  }
  const protocolVersion = readProtocol(info["ipmi_protocol_version"]);
  const terminal = info["ipmi_terminal_port"] || node.driverInternalInfo?.["allocated_ipmi_terminal_port"];
  const terminalPort = isTruthy(terminal) ? networkPort(terminal, "ipmi_terminal_port") : null;
  const port = isSet(info["ipmi_port"]) ? networkPort(info["ipmi_port"], "ipmi_port") : null;
  const bridging = readBridging(info);
  const privilegeLevel = readPrivilege(info["ipmi_priv_level"]);
  const hexKgKey = readKgKey(info["ipmi_hex_kg_key"]);
  const cipherSuite = readCipherSuite(info["ipmi_cipher_suite"], protocolVersion);
  return {
    address: pythonStr(info["ipmi_address"]),
    port,
    username: isTruthy(info["ipmi_username"]) ? pythonStr(info["ipmi_username"]) : null,
    password: pythonStr(info["ipmi_password"] ?? ""),
    privilegeLevel,
    protocolVersion,
    hexKgKey,
    cipherSuite,
    terminalPort,
    bridging
  };
}
var isSet = (value) => value !== void 0 && value !== null;
function readProtocol(value) {
  const text6 = value === void 0 ? "2.0" : pythonStr(value);
  const known = protocolVersions.find((v) => v === text6);
  if (known !== void 0) return known;
  throw new InvalidParameterValue(
    `Invalid IPMI protocol version value ${text6}, the valid value can be one of ${protocolVersions.join(", ")}`
  );
}
function readPrivilege(value) {
  const text6 = value === void 0 ? "ADMINISTRATOR" : pythonStr(value);
  const known = privilegeLevels.find((v) => v === text6);
  if (known !== void 0) return known;
  throw new InvalidParameterValue(
    `Invalid privilege level value:${text6}, the valid value can be one of ${privilegeLevels.join(", ")}`
  );
}
function readKgKey(value) {
  if (!isTruthy(value)) return null;
  const key = pythonStr(value);
  if (key.length % 2 === 0) return key;
  throw new InvalidParameterValue("Number of ipmi_hex_kg_key characters is not even");
}
function readCipherSuite(value, protocolVersion) {
  if (!isSet(value)) return null;
  const text6 = pythonStr(value);
  if (!/^\s*[+-]?\d+\s*$/.test(text6)) {
    throw new InvalidParameterValue(`Invalid cipher suite ${text6}, expected a number`);
  }
  if (protocolVersion === "1.5") {
    throw new InvalidParameterValue("Cipher suites cannot be used with IPMI 1.5");
  }
  return Number(text6);
}
function readBridging(info) {
  const type = info["ipmi_bridging"] ?? "no";
  if (type === "no") return null;
  if (type !== "single" && type !== "dual") {
    throw new InvalidParameterValue(
      `Invalid value for ipmi_bridging: ${pythonStr(type)}, the valid value can be one of: ${pythonRepr(["single", "dual", "no"])}`
    );
  }
  const needed = ["ipmi_target_channel", "ipmi_target_address"];
  if (type === "dual") needed.push("ipmi_transit_channel", "ipmi_transit_address");
  const missing2 = needed.filter((key) => !isSet(info[key]));
  if (missing2.length > 0) throw new MissingParameterValue(`${pythonList(missing2)} not provided`);
  const field = (key) => isSet(info[key]) ? pythonStr(info[key]) : null;
  return {
    type,
    targetChannel: field("ipmi_target_channel") ?? "",
    targetAddress: field("ipmi_target_address") ?? "",
    transitChannel: type === "dual" ? field("ipmi_transit_channel") : null,
    transitAddress: type === "dual" ? field("ipmi_transit_address") : null,
    localAddress: field("ipmi_local_address")
  };
}
var hostname2 = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9\-_]{0,62}[a-z0-9])*\.?$/;
function checkIpmiAddress(address, nodeUuid) {
  if (isIP(address) !== 0 || address.length <= 255 && hostname2.test(address)) return;
  throw new InvalidParameterValue(
    `Invalid IPMI address "${address}" for node ${nodeUuid}. Must be a valid IP address or hostname.`
  );
}

// src/drivers/console/ipmitool-socat.ts
var ipmitoolSocatConsole = {
  name: "ipmitool-socat",
  kind: "console",
  properties: {
    ...ipmiProperties,
    ipmi_terminal_port: "node's UDP port to connect to. Only required for console access."
  },
  async validate(task) {
    await Promise.resolve();
    const info = parseIpmiInfo(task.node);
    if (info.terminalPort === null && task.ctx.config.console.port_range === null) {
      throw new MissingParameterValue(
        "Either missing 'ipmi_terminal_port' parameter in node's driver_info or [console]port_range is not configured"
      );
    }
    if (info.protocolVersion !== "2.0") {
      throw new InvalidParameterValue(
        "Serial over lan only works with IPMI protocol version 2.0. Check the 'ipmi_protocol_version' parameter in node's driver_info"
      );
    }
  },
  startConsole: refuse("start_console"),
  stopConsole: refuse("stop_console"),
  getConsole: refuse("get_console")
};

// src/drivers/driver-info/image.ts
var uuid2 = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
var isGlanceImage = (href) => href.startsWith("glance://") || uuid2.test(href);
function validateInstanceImage(task) {
  const { node } = task;
  const info = node.instanceInfo ?? {};
  requireParams(
    { "instance_info.image_source": info["image_source"] },
    `Node ${node.uuid} failed to validate deploy image info. Some parameters were missing`
  );
  const source = pythonStr(info["image_source"]);
  const type = info["image_type"];
  if (isTruthy(type) && type !== "partition" && type !== "whole-disk") {
    throw new InvalidParameterValue(
      `Invalid image_type "${pythonStr(type)}", valid are partition, whole-disk`
    );
  }
  const checked2 = isGlanceImage(source) || /^(file|oci):\/\//.test(source);
  if (!checked2) requireChecksum(node);
  validateDownload(task, source);
  validateProxies(node);
}
function requireChecksum(node) {
  const info = node.instanceInfo ?? {};
  const algo = isTruthy(info["image_os_hash_algo"]);
  const value = isTruthy(info["image_os_hash_value"]);
  if (algo === value && (value || isTruthy(info["image_checksum"]))) return;
  throw new MissingParameterValue(
    `image_source's "image_checksum", or "image_os_hash_algo" and "image_os_hash_value" must be provided in instance_info for node ${node.uuid}`
  );
}
function validateDownload(task, source) {
  const { node } = task;
  const { deploy: deploy2, agent: agent3 } = task.ctx.config;
  const from = node.instanceInfo?.["image_download_source"] ?? node.driverInfo?.["image_download_source"] ?? agent3.image_download_source;
  if (from !== "swift" && from !== "http" && from !== "local") {
    throw new InvalidParameterValue(
      `Invalid value for image_download_source: "${pythonStr(from)}". Valid values are swift, http or local.`
    );
  }
  const elsewhere = !source.startsWith("file://") && from !== "local" && (!isGlanceImage(source) || from === "swift");
  if (elsewhere) return;
  requireParams(
    {
      "[deploy]http_url": deploy2.http_url,
      "[deploy]http_root": deploy2.http_root,
      "[deploy]http_image_subdir": deploy2.http_image_subdir
    },
    `Node ${node.uuid} failed to validate http provisioning. Some configuration options were missing`
  );
}
function validateProxies(node) {
  const info = node.driverInfo ?? {};
  const invalid = Object.fromEntries(
    ["image_http_proxy", "image_https_proxy"].map((key) => [key, info[key]]).filter(([, url]) => isTruthy(url) && !hasHttpScheme(pythonStr(url)))
  );
  let message = "";
  if (Object.keys(invalid).length > 0) {
    message += `Proxy URL should either have HTTP(S) scheme or no scheme at all, the following URLs are invalid: ${pythonRepr(invalid)}.`;
  }
  const noProxy = info["image_no_proxy"];
  if (noProxy !== void 0 && noProxy !== null && !isNoProxy(noProxy)) {
    message += `image_no_proxy should be a list of host names, IP addresses or domain names to exclude from proxying, the specified list ${pythonStr(noProxy)} is incorrect. To denote a domain name, prefix it with a dot (instead of e.g. '.*').`;
  }
  if (message !== "") throw new InvalidParameterValue(message);
}
function hasHttpScheme(url) {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  return scheme === void 0 || scheme === "http" || scheme === "https";
}
var label = /^(?!-)[a-z\d-]{1,63}(?<!-)$/i;
function isNoProxy(value) {
  if (typeof value !== "string") return false;
  const hosts = value.split(",").map((item) => item.trim().split(":")[0] ?? "");
  return hosts.filter((host) => host !== "").every((host) => {
    const name = host.startsWith(".") ? host.slice(1) : host;
    const longest = name === host ? 253 : 251;
    return name.length <= longest && name.split(".").every((part) => label.test(part));
  });
}

// src/drivers/driver-info/root-device.ts
var hintTypes = {
  size: "integer",
  model: "string",
  wwn: "string",
  serial: "string",
  vendor: "string",
  wwn_with_extension: "string",
  wwn_vendor_extension: "string",
  name: "string",
  rotational: "boolean",
  hctl: "string",
  by_path: "string"
};
var operator = /^\s*(<range-in>|<all-in>|<or>|<in>|s==|s!=|s>=|s>|s<=|s<|==|!=|>=|<=|=)\s*/;
function validateRootDevice(node) {
  const own = node.instanceInfo?.["root_device"];
  const source = isTruthy(own) ? "instance_info" : "properties";
  const hints = isTruthy(own) ? own : node.properties?.["root_device"];
  if (!isTruthy(hints)) return;
  const fault = hintsFault(hints);
  if (fault === null) return;
  throw new InvalidParameterValue(
    `Failed to validate the root device hints ${pythonRepr(hints)} (from the node's ${source}) for node ${node.uuid}: ${fault}`
  );
}
function hintsFault(hints) {
  const unknown = Object.keys(hints).filter((name) => hintTypes[name] === void 0);
  if (unknown.length > 0) {
    return `The hints "${unknown.join(", ")}" are invalid. Valid hints are: "${Object.keys(hintTypes).join(", ")}"`;
  }
  for (const [name, expression] of Object.entries(hints)) {
    const fault = hintFault(name, expression);
    if (fault !== null) return fault;
  }
  return null;
}
function hintFault(name, expression) {
  switch (hintTypes[name]) {
    case "string":
      return typeof expression === "string" ? null : `Root device hint "${name}" is not a string value. Hint expression: ${pythonStr(expression)}`;
    case "boolean":
      return isBoolean(expression) ? null : `Root device hint "${name}" is not a Boolean value. Current value: ${pythonStr(expression)}`;
    default:
      return sizeFault(name, expression);
  }
}
function sizeFault(name, expression) {
  const text6 = pythonStr(expression);
  if (operator.exec(text6)?.[1] === "<range-in>") return null;
  const values = text6.split("<or>").map((part) => part.replace(operator, "").trim());
  for (const value of values.filter((v) => v !== "")) {
    if (!/^[+-]?\d+$/.test(value)) {
      return `Root device hint "${name}" is not an integer value. Current value: ${text6}`;
    }
    if (Number(value) <= 0) {
      return `Root device hint "${name}" should be a positive integer. Current value: ${text6}`;
    }
  }
  return null;
}
function isBoolean(value) {
  try {
    strictBool(value, (text6) => new Error(text6));
    return true;
  } catch {
    return false;
  }
}

// src/drivers/deploy/agent-properties.ts
var agentDeployProperties = {
  deploy_kernel: "UUID (from Glance) of the deployment kernel. Required.",
  deploy_ramdisk: "UUID (from Glance) of the ramdisk with agent that is used at deploy time. Required.",
  image_http_proxy: "URL of a proxy server for HTTP connections. Optional.",
  image_https_proxy: "URL of a proxy server for HTTPS connections. Optional.",
  image_no_proxy: "A comma-separated list of host names, IP addresses and domain names (with optional :port) that will be excluded from proxying. To denote a domain name, use a dot to prefix the domain name. This value will be ignored if ``image_http_proxy`` and ``image_https_proxy`` are not specified. Optional.",
  image_download_source: `Specifies whether direct deploy interface should try to use the image source directly or if ironic should cache the image on the conductor and serve it from ironic's own HTTP server. Accepted values are "swift", "http" and "local". Optional.`,
  deploy_forces_oob_reboot: "Whether Ironic should force a reboot of the Node via the out-of-band channel after deployment is complete. Provides compatibility with older deploy ramdisks. Defaults to False. Optional.",
  agent_verify_ca: "Either a Boolean value, a path to a CA_BUNDLE file or directory with certificates of trusted CAs. If set to True ironic will verify the agent's certificate; if False the driver will ignore verifying the SSL certificate. If it's a path the driver will use the specified certificate or one of the certificates in the directory. Defaults to True. Optional"
};

// src/drivers/deploy/agent.ts
var step = (name, priority) => ({
  step: name,
  kind: "deploy",
  priority,
  argsinfo: null,
  run: refuse(name)
});
var commonSteps = [
  step("deploy", 100),
  step("prepare_instance_boot", 60),
  step("tear_down_agent", 40),
  step("switch_to_tenant_network", 30),
  step("boot_instance", 20)
];
async function validateAgent(task) {
  if (task.ctx.config.agent.manage_agent_boot) await task.driver.boot.validate(task);
  validateCapabilities(task.node);
  validateRootDevice(task.node);
}
var customAgentDeploy = {
  name: "custom-agent",
  kind: "deploy",
  properties: agentDeployProperties,
  steps: commonSteps,
  validate: validateAgent,
  prepare: refuse("prepare"),
  tearDown: refuse("tear_down"),
  cleanUp: refuse("clean_up"),
  takeOver: refuse("take_over"),
  prepareCleaning: refuse("prepare_cleaning"),
  tearDownCleaning: refuse("tear_down_cleaning"),
  prepareService: refuse("prepare_service"),
  tearDownService: refuse("tear_down_service")
};
var directDeploy = {
  ...customAgentDeploy,
  name: "direct",
  steps: [...commonSteps, step("write_image", 80)],
  async validate(task) {
    await validateAgent(task);
    if (await task.driver.storage.shouldWriteImage(task)) validateInstanceImage(task);
  }
};

// src/drivers/deploy/ramdisk.ts
var ramdiskDeploy = {
  ...customAgentDeploy,
  name: "ramdisk",
  properties: {},
  steps: [{ step: "deploy", kind: "deploy", priority: 100, argsinfo: null, run: refuse("deploy") }],
  async validate(task) {
    if (!task.driver.boot.capabilities.includes("ramdisk_boot")) {
      throw new InvalidParameterValue(
        "Invalid configuration: The boot interface must have the `ramdisk_boot` capability. You are using an incompatible boot interface."
      );
    }
    await task.driver.boot.validate(task);
    validateCapabilities(task.node);
  }
};

// src/drivers/interfaces.ts
var interfaceKinds = [
  "bios",
  "boot",
  "console",
  "deploy",
  "firmware",
  "inspect",
  "management",
  "network",
  "power",
  "raid",
  "rescue",
  "storage",
  "vendor"
];

// src/drivers/hardware/declare.ts
var genericSupported = {
  bios: ["no-bios"],
  boot: ["ipxe", "pxe", "http-ipxe", "http"],
  console: ["no-console", "fake-graphical"],
  deploy: ["autodetect", "direct", "ansible", "ramdisk", "anaconda", "bootc", "custom-agent"],
  firmware: ["no-firmware"],
  inspect: ["agent", "no-inspect"],
  management: [],
  network: ["flat", "neutron", "ironic-networking", "noop"],
  power: [],
  raid: ["no-raid", "agent"],
  rescue: ["no-rescue", "agent"],
  storage: ["noop", "cinder", "external"],
  vendor: ["no-vendor"]
};
var hardwareType = (declared) => ({
  ...declared,
  supported: { ...genericSupported, ...declared.supported }
});
function classicDriver(name, className, composition) {
  const absent = {
    bios: "no-bios",
    boot: "fake",
    console: "no-console",
    deploy: "fake",
    firmware: "no-firmware",
    inspect: "no-inspect",
    management: "noop",
    network: "noop",
    power: "fake",
    raid: "no-raid",
    rescue: "no-rescue",
    storage: "noop",
    vendor: "no-vendor"
  };
  const chosen = { ...absent, ...composition };
  const supported = Object.fromEntries(interfaceKinds.map((kind) => [kind, [chosen[kind]]]));
  return { name, className, supported };
}

// src/drivers/hardware/ipmi.ts
var ipmi = hardwareType({
  name: "ipmi",
  className: "IPMIHardware",
  supported: {
    console: ["ipmitool-socat", ...genericSupported.console],
    management: ["ipmitool", "noop"],
    power: ["ipmitool"],
    vendor: ["ipmitool", "no-vendor"]
  }
});
var intelIpmi = hardwareType({
  ...ipmi,
  name: "intel-ipmi",
  className: "IntelIPMIHardware",
  supported: { ...ipmi.supported, management: ["intel-ipmitool"] }
});

// src/drivers/management/ipmitool.ts
var devices = ["pxe", "disk", "cdrom", "bios", "safe"];
async function validate(task) {
  await Promise.resolve();
  parseIpmiInfo(task.node);
}
var ipmitoolManagement = {
  name: "ipmitool",
  kind: "management",
  properties: ipmiProperties,
  validate,
  supportedBootDevices: () => Promise.resolve([...devices]),
  async setBootDevice(task, device) {
    await Promise.resolve();
    if (!devices.includes(device)) {
      throw new InvalidParameterValue(`Invalid boot device ${device} specified.`);
    }
    throw unsupported(task, "set_boot_device");
  },
  getBootDevice: refuse("get_boot_device")
};
var intelIpmitoolManagement = {
  ...ipmitoolManagement,
  name: "intel-ipmitool"
};

// src/drivers/agent-alive.ts
function fastTrackEnabled(task) {
  const own = task.node.driverInfo?.["fast_track"];
  if (own === void 0 || own === null) return task.ctx.config.deploy.fast_track;
  return strictBool(
    own,
    (text6) => new InvalidParameterValue(`Invalid value of fast_track: ${text6}`)
  );
}
function agentIsAlive(task) {
  const { node } = task;
  if (node.powerState === "power on" && isRecent(task, node.inspectionFinishedAt)) return true;
  const inspecting = node.provisionState === "inspecting" || node.provisionState === "inspect wait";
  const internal = node.driverInternalInfo ?? {};
  if (!internal["agent_url"] && !inspecting) return false;
  return isRecent(task, internal["agent_last_heartbeat"]);
}
function isRecent(task, at) {
  const time = at instanceof Date ? at.getTime() : Date.parse(typeof at === "string" ? `${at.replace(/(Z|[+-]\d\d:\d\d)$/, "")}Z` : "");
  const age = task.ctx.clock.now().getTime() - time;
  return age <= task.ctx.config.deploy.fast_track_timeout * 1e3;
}

// src/drivers/power/agent.ts
var agentPower = {
  name: "agent",
  kind: "power",
  properties: {},
  supportsPowerSync: false,
  supportedPowerStates: () => ["rebooting", "soft rebooting"],
  async validate(task) {
    await Promise.resolve();
    if (!fastTrackEnabled(task)) {
      throw new InvalidParameterValue(
        "Fast track mode must be enabled to use the agent power interface"
      );
    }
    if (!agentIsAlive(task)) {
      throw new InvalidParameterValue(
        `Agent seems offline for node ${task.node.uuid}, the agent power interface cannot be used`
      );
    }
  },
  getPowerState: (task) => Promise.resolve(agentIsAlive(task) ? "power on" : null),
  setPowerState: refuse("set_power_state"),
  reboot: refuse("reboot")
};

// src/drivers/power/ipmitool.ts
var ipmitoolPower = {
  name: "ipmitool",
  kind: "power",
  properties: ipmiProperties,
  supportsPowerSync: true,
  supportedPowerStates: () => [
    "power on",
    "power off",
    "rebooting",
    "soft rebooting",
    "soft power off"
  ],
  async validate(task) {
    await Promise.resolve();
    checkIpmiAddress(parseIpmiInfo(task.node).address, task.node.uuid);
  },
  getPowerState: refuse("get_power_state"),
  setPowerState: refuse("set_power_state"),
  reboot: refuse("reboot")
};

// src/drivers/raid/schema.ts
var property = (type, description, values) => values === void 0 ? { type, description } : { type, description, values };
var logicalDiskSchema = {
  raid_level: property(
    "string",
    "RAID level for the logical disk. Valid values are 'JBOD', '0', '1', '2', '5', '6', '1+0', '5+0' and '6+0'. Required.",
    ["JBOD", "0", "1", "2", "5", "6", "1+0", "5+0", "6+0"]
  ),
  size_gb: property(
    "size",
    "Size in GiB (Integer) for the logical disk. Use 'MAX' as size_gb if this logical disk is supposed to use the rest of the space available. Required."
  ),
  volume_name: property(
    "string",
    "Name of the volume to be created. If this is not specified, it will be auto-generated. Optional."
  ),
  is_root_volume: property(
    "boolean",
    "Specifies whether this disk is a root volume. By default, this is False. Optional."
  ),
  share_physical_disks: property(
    "boolean",
    "Specifies whether other logical disks can share physical disks with this logical disk. By default, this is False. Optional."
  ),
  disk_type: property(
    "string",
    "The type of disk preferred. Valid values are 'hdd' and 'ssd'. If this is not specified, disk type will not be a selection criterion for choosing backing physical disks. Optional.",
    ["hdd", "ssd"]
  ),
  interface_type: property(
    "string",
    "The interface type of disk. Valid values are 'sata', 'scsi' and 'sas'. If this is not specified, interface type will not be a selection criterion for choosing backing physical disks. Optional.",
    ["sata", "scsi", "sas"]
  ),
  number_of_physical_disks: property(
    "integer",
    "Number of physical disks to use for this logical disk. By default, the driver uses the minimum number of disks required for that RAID level. Optional."
  ),
  controller: property(
    "string",
    "Controller to use for this logical disk. If not specified, the driver will choose a suitable RAID controller on the bare metal node. Optional."
  ),
  physical_disks: property(
    "disks",
    "The physical disks to use for this logical disk. If not specified, the driver will choose suitable physical disks to use. Optional."
  )
};
var logicalDiskProperties = () => Object.fromEntries(Object.entries(logicalDiskSchema).map(([name, p]) => [name, p.description]));

// src/drivers/raid/validate.ts
var isObject = (v) => typeof v === "object" && v !== null && !Array.isArray(v);
function validateRaidConfiguration(config2) {
  const fault = configFault(config2);
  if (fault !== null) throw new InvalidParameterValue(`RAID config validation error: ${fault}`);
  const disks = config2["logical_disks"];
  const roots = disks.filter((d) => d["is_root_volume"] === true).length;
  if (roots > 1) {
    throw new InvalidParameterValue(
      `Raid config cannot have more than one root volume. ${roots} root volumes were specified`
    );
  }
}
function configFault(config2) {
  const disks = config2["logical_disks"];
  const extra = Object.keys(config2).filter((k) => k !== "logical_disks");
  if (disks === void 0) return "'logical_disks' is a required property";
  if (extra.length > 0) return unexpected(extra);
  if (!Array.isArray(disks)) return wrongType(disks, "array");
  if (disks.length === 0) return "[] should be non-empty";
  return firstFault(disks, diskFault) ?? firstFault(disks, (disk) => valueFault(disk, false)) ?? firstFault(disks, (disk) => valueFault(disk, true));
}
function diskFault(disk) {
  if (!isObject(disk)) return wrongType(disk, "object");
  for (const key of ["raid_level", "size_gb"]) {
    if (disk[key] === void 0) return `'${key}' is a required property`;
  }
  const extra = Object.keys(disk).filter((k) => logicalDiskSchema[k] === void 0);
  if (extra.length > 0) return unexpected(extra);
  return disk["physical_disks"] !== void 0 && disk["controller"] === void 0 ? "'controller' is a dependency of 'physical_disks'" : null;
}
var isAnyOf = ({ type }) => type === "size" || type === "disks";
function valueFault(disk, anyOf) {
  return firstFault(
    Object.entries(logicalDiskSchema),
    ([key, property2]) => disk[key] === void 0 || isAnyOf(property2) !== anyOf ? null : propertyFault(disk[key], property2)
  );
}
function propertyFault(value, property2) {
  switch (property2.type) {
    case "boolean":
      return typeof value === "boolean" ? null : wrongType(value, "boolean");
    case "string":
      return stringFault(value, property2.values);
    case "integer":
      if (!Number.isInteger(value)) return wrongType(value, "integer");
      return Number(value) > 0 ? null : `${pythonRepr(value)} is less than or equal to the minimum of 0`;
    case "size":
      return sizeFault2(value);
    case "disks":
      return disksFault(value);
  }
}
var noSchema = (value) => `${pythonRepr(value)} is not valid under any of the given schemas`;
function sizeFault2(value) {
  if (typeof value === "string") return stringFault(value, ["MAX"]);
  if (!Number.isInteger(value)) return noSchema(value);
  return Number(value) >= 0 ? null : `${pythonRepr(value)} is less than the minimum of 0`;
}
function disksFault(value) {
  if (!Array.isArray(value)) return noSchema(value);
  if (value.every((d) => typeof d === "string")) return null;
  if (!value.every(isObject)) return noSchema(value);
  return value.length >= 2 ? null : wrongType(value[0], "string");
}
function stringFault(value, values) {
  if (typeof value !== "string") return wrongType(value, "string");
  return values === void 0 || values.includes(value) ? null : `${pythonRepr(value)} is not one of ${pythonRepr(values)}`;
}
var wrongType = (value, type) => `${pythonRepr(value)} is not of type '${type}'`;
var unexpected = (keys) => `Additional properties are not allowed (${keys.map(pythonRepr).join(", ")} ${keys.length === 1 ? "was" : "were"} unexpected)`;
function firstFault(items, check2) {
  for (const item of items) {
    const fault = check2(item);
    if (fault !== null) return fault;
  }
  return null;
}

// src/drivers/raid/generic.ts
var genericRaid = {
  async validate(task) {
    await Promise.resolve();
    const target = task.node.targetRaidConfig;
    if (target !== null && Object.keys(target).length > 0) validateRaidConfiguration(target);
  },
  async validateRaidConfig(_task, config2) {
    await Promise.resolve();
    validateRaidConfiguration(config2);
  }
};

// src/drivers/raid/agent.ts
var applyArguments = {
  raid_config: { description: "The RAID configuration to apply.", required: true },
  delete_existing: {
    description: "Setting this to 'True' indicates to delete existing RAID configuration prior to creating the new configuration. Default value is 'True'.",
    required: false
  }
};
var apply = {
  step: "apply_configuration",
  priority: 0,
  argsinfo: applyArguments,
  run: refuse("apply_configuration")
};
var clean = (step3) => ({
  step: step3,
  kind: "clean",
  priority: 0,
  argsinfo: null,
  run: refuse(step3)
});
var agentRaid = {
  name: "agent",
  kind: "raid",
  properties: {},
  logicalDiskProperties,
  ...genericRaid,
  steps: [
    { ...apply, kind: "deploy" },
    { ...apply, kind: "service" },
    clean("create_configuration"),
    clean("delete_configuration")
  ]
};

// src/drivers/rescue/agent.ts
var agentRescue = {
  name: "agent",
  kind: "rescue",
  properties: {},
  async validate(task) {
    const { boot, network } = task.driver;
    const { uuid: uuid3, instanceInfo } = task.node;
    await network.validateRescue?.(task);
    if (task.ctx.config.agent.manage_agent_boot) {
      await boot.validate(task);
      if (boot.validateRescue === void 0) throw unsupported(task, "validate_rescue");
      await boot.validateRescue(task);
    }
    const password = instanceInfo?.["rescue_password"];
    if (password === void 0 || password === null) {
      throw new MissingParameterValue(
        `Node ${uuid3} is missing 'instance_info/rescue_password'. It is required for rescuing node.`
      );
    }
    if (pythonStr(password).trim() === "") {
      throw new InvalidParameterValue(
        `The 'instance_info/rescue_password' is an empty string for node ${uuid3}. The 'rescue_password' must be a non-empty string value.`
      );
    }
  },
  rescue: refuse("rescue"),
  unrescue: refuse("unrescue"),
  cleanUp: refuse("clean_up")
};

// src/drivers/vendor/methods.ts
var passthru = (description, run3, differs2 = {}) => ({
  httpMethods: ["POST"],
  async: true,
  attach: false,
  requireExclusiveLock: true,
  description,
  run: run3,
  ...differs2
});
function requireBar(method, args) {
  const { bar } = args;
  if (bar === void 0 || bar === null || bar === "" || bar === false || bar === 0) {
    throw new MissingParameterValue(`Parameter 'bar' not passed to method '${method}'.`);
  }
}

// src/drivers/vendor/ipmitool.ts
var ipmitoolVendor = {
  name: "ipmitool",
  kind: "vendor",
  properties: ipmiProperties,
  nodeMethods: {
    send_raw: passthru(
      "Send raw bytes to the BMC. Required argument: 'raw_bytes' - a string of raw bytes (e.g. '0x00 0x01').",
      refuse("send_raw")
    ),
    bmc_reset: passthru(
      "Reset the BMC. Required argument: 'warm' (Boolean) - for warm (True) or cold (False) reset.",
      refuse("bmc_reset")
    )
  },
  driverMethods: {},
  async validate(task) {
    await Promise.resolve();
    parseIpmiInfo(task.node);
  },
  async validateMethod(task, method, args) {
    await Promise.resolve();
    if (method === "send_raw" && !isTruthy(args["raw_bytes"])) {
      throw new MissingParameterValue("Parameter raw_bytes (string of bytes) was not specified.");
    }
    parseIpmiInfo(task.node);
  }
};

// src/drivers/fake-delay.ts
function parseDelay(option, value) {
  if (value === "") return [0, 0];
  const [from, to = from] = value.split(",").map((part) => part.trim());
  if (from === void 0 || to === void 0 || !/^\d+$/.test(from) || !/^\d+$/.test(to)) {
    throw new InvalidParameterValue(
      `[fake] ${option} must be a number of seconds or two of them ("A,B"), not "${value}".`
    );
  }
  return [Number(from), Number(to)];
}
function checkFakeDelays(config2) {
  for (const [option, value] of Object.entries(config2.fake)) parseDelay(option, value);
}
var triangular = (low, high, uniform) => high - (high - low) * Math.sqrt(1 - uniform);
async function fakeDelay(task, option) {
  const [low, high] = parseDelay(option, task.ctx.config.fake[option]);
  if (low === 0 && high === 0) return;
  await task.ctx.clock.sleep(triangular(low, high, Math.random()) * 1e3, task.signal);
}

// src/drivers/bios/settings.ts
import { and, eq, inArray } from "drizzle-orm";
async function syncBiosSettings(orm, nodeId, settings, now) {
  const stored = await orm.select().from(biosSettings).where(eq(biosSettings.nodeId, nodeId));
  const before = new Map(stored.map((row) => [row.name, row]));
  for (const setting of settings) {
    const row = before.get(setting.name);
    before.delete(setting.name);
    if (row === void 0) {
      await orm.insert(biosSettings).values({ ...setting, nodeId });
    } else if (differs(row, setting)) {
      await orm.update(biosSettings).set({ ...setting, updatedAt: now }).where(and(eq(biosSettings.nodeId, nodeId), eq(biosSettings.name, setting.name)));
    }
  }
  await removeBiosSettings(orm, nodeId, [...before.keys()]);
}
var differs = (row, setting) => Object.keys(setting).some(
  (key) => JSON.stringify(row[key] ?? null) !== JSON.stringify(setting[key] ?? null)
);
async function removeBiosSettings(orm, nodeId, names) {
  if (names?.length === 0) return;
  const ofNode2 = eq(biosSettings.nodeId, nodeId);
  await orm.delete(biosSettings).where(names === void 0 ? ofNode2 : and(ofNode2, inArray(biosSettings.name, [...names])));
}

// src/drivers/bios/fake.ts
var settingsArgument = {
  settings: {
    description: "List of BIOS settings, each item needs to contain a dictionary with name/value pairs",
    required: true
  }
};
function readSettings(argument) {
  if (!Array.isArray(argument)) {
    throw new InvalidParameterValue("The BIOS settings must be a list of name/value pairs.");
  }
  return argument.map((item) => {
    const { name, value } = item ?? {};
    if (typeof name !== "string") {
      throw new InvalidParameterValue("Every BIOS setting needs a name.");
    }
    return { name, value: value === null || value === void 0 ? null : pythonStr(value) };
  });
}
async function applyConfiguration(task, args) {
  await fakeDelay(task, "bios_delay");
  const settings = readSettings(args["settings"]);
  await syncBiosSettings(task.ctx.db.orm, task.node.id, settings, task.ctx.clock.now());
  return void 0;
}
async function factoryReset(task) {
  await fakeDelay(task, "bios_delay");
  await removeBiosSettings(task.ctx.db.orm, task.node.id);
  return void 0;
}
var cleanStep = (step3, run3, argsinfo = null) => ({ step: step3, kind: "clean", priority: 0, argsinfo, run: run3 });
var fakeBios = {
  name: "fake",
  kind: "bios",
  properties: {},
  steps: [
    cleanStep("apply_configuration", applyConfiguration, settingsArgument),
    cleanStep("cache_bios_settings", async (task) => {
      await fakeDelay(task, "bios_delay");
      return void 0;
    }),
    cleanStep("factory_reset", factoryReset)
  ],
  validate: nothing,
  cacheBiosSettings: (task) => fakeDelay(task, "bios_delay")
};

// src/drivers/bios/no-bios.ts
var noBios = {
  name: "no-bios",
  kind: "bios",
  properties: {},
  validate: refuse("bios"),
  cacheBiosSettings: nothing
};

// src/drivers/boot/fake.ts
var wait = (task) => fakeDelay(task, "boot_delay");
var fakeBoot = {
  name: "fake",
  kind: "boot",
  properties: {},
  capabilities: ["ipxe_boot", "pxe_boot"],
  validate: nothing,
  prepareRamdisk: wait,
  cleanUpRamdisk: wait,
  prepareInstance: wait,
  cleanUpInstance: wait
};

// src/drivers/console/fake.ts
var fakeConsole = {
  name: "fake",
  kind: "console",
  properties: {},
  validate: nothing,
  startConsole: nothing,
  stopConsole: nothing,
  getConsole: () => Promise.resolve({})
};

// src/drivers/console/no-console.ts
var noConsole = {
  name: "no-console",
  kind: "console",
  properties: {},
  validate: refuse("console"),
  startConsole: refuse("console"),
  stopConsole: refuse("console"),
  getConsole: refuse("console")
};

// src/drivers/deploy/fake.ts
var wait2 = (task) => fakeDelay(task, "deploy_delay");
var fakeDeploy = {
  name: "fake",
  kind: "deploy",
  properties: {},
  steps: [
    {
      step: "deploy",
      kind: "deploy",
      priority: 100,
      argsinfo: null,
      async run(task) {
        await wait2(task);
        return void 0;
      }
    }
  ],
  validate: nothing,
  prepare: wait2,
  tearDown: wait2,
  cleanUp: wait2,
  takeOver: wait2,
  prepareCleaning: () => Promise.resolve(void 0),
  tearDownCleaning: nothing,
  prepareService: () => Promise.resolve(void 0),
  tearDownService: nothing
};

// src/drivers/deploy/noop.ts
var noopDeploy = {
  name: "noop",
  kind: "deploy",
  properties: {},
  steps: [
    {
      step: "deploy",
      kind: "deploy",
      priority: 100,
      argsinfo: null,
      run: () => Promise.resolve(void 0)
    }
  ],
  validate: nothing,
  prepare: nothing,
  tearDown: nothing,
  cleanUp: nothing,
  takeOver: nothing,
  prepareCleaning: () => Promise.resolve(void 0),
  tearDownCleaning: nothing,
  prepareService: () => Promise.resolve(void 0),
  tearDownService: nothing
};

// src/drivers/firmware/fake.ts
var fakeFirmware = {
  name: "fake",
  kind: "firmware",
  properties: {},
  steps: [
    {
      step: "update",
      kind: "clean",
      priority: 0,
      argsinfo: {
        settings: {
          description: "List of Firmware components, each item needs to contain a dictionary with name/value pairs",
          required: true
        }
      },
      async run(task) {
        await fakeDelay(task, "firmware_delay");
        return void 0;
      }
    }
  ],
  validate: nothing,
  cacheFirmwareComponents: (task) => fakeDelay(task, "firmware_delay")
};

// src/drivers/firmware/no-firmware.ts
var noFirmware = {
  name: "no-firmware",
  kind: "firmware",
  properties: {},
  validate: refuse("firmware"),
  cacheFirmwareComponents: nothing
};

// src/drivers/hardware/classic.ts
var ipmitool = { power: "ipmitool", management: "ipmitool" };
var pyghmi = { power: "ipminative", management: "ipminative" };
var ssh = { power: "ssh", management: "ssh" };
var pxe = { boot: "pxe", deploy: "iscsi", vendor: "iscsi" };
var agent = { boot: "pxe", deploy: "direct", vendor: "agent-passthru", raid: "agent" };
var classicDrivers = [
  classicDriver("fake", "FakeDriver", {
    power: "fake",
    management: "fake",
    boot: "fake",
    deploy: "fake",
    console: "fake",
    raid: "fake",
    inspect: "fake",
    vendor: "fake-mixin"
  }),
  classicDriver("pxe_ipmitool", "PXEAndIPMIToolDriver", {
    ...ipmitool,
    ...pxe,
    console: "ipmitool-shellinabox",
    vendor: "ipmitool-iscsi",
    inspect: "inspector"
  }),
  classicDriver("pxe_ipminative", "PXEAndIPMINativeDriver", {
    ...pyghmi,
    ...pxe,
    console: "ipminative-shellinabox",
    vendor: "ipminative-iscsi",
    inspect: "inspector"
  }),
  classicDriver("pxe_ssh", "PXEAndSSHDriver", { ...ssh, ...pxe, inspect: "inspector" }),
  classicDriver("pxe_drac", "PXEDracDriver", {
    power: "drac",
    management: "drac",
    ...pxe,
    vendor: "drac-iscsi",
    inspect: "inspector"
  }),
  classicDriver("agent_ipmitool", "AgentAndIPMIToolDriver", {
    ...ipmitool,
    ...agent,
    console: "ipmitool-shellinabox",
    vendor: "ipmitool-agent"
  }),
  classicDriver("agent_pyghmi", "AgentAndIPMINativeDriver", {
    ...pyghmi,
    ...agent,
    console: "ipminative-shellinabox",
    vendor: "ipminative-agent"
  }),
  classicDriver("agent_ssh", "AgentAndSSHDriver", { ...ssh, ...agent }),
  classicDriver("fake_agent", "FakeAgentDriver", { power: "fake", ...agent }),
  classicDriver("fake_pxe", "FakePXEDriver", { power: "fake", ...pxe }),
  classicDriver("fake_ipmitool", "FakeIPMIToolDriver", {
    ...ipmitool,
    console: "ipmitool-shellinabox",
    vendor: "ipmitool"
  }),
  classicDriver("fake_inspector", "FakeIPMIToolInspectorDriver", {
    ...ipmitool,
    console: "ipmitool-shellinabox",
    vendor: "ipmitool",
    inspect: "inspector"
  }),
  classicDriver("fake_ipminative", "FakeIPMINativeDriver", {
    ...pyghmi,
    console: "ipminative-shellinabox",
    vendor: "ipminative"
  }),
  classicDriver("fake_ssh", "FakeSSHDriver", ssh)
];

// src/drivers/hardware/fake-hardware.ts
var fakeHardware = hardwareType({
  name: "fake-hardware",
  className: "FakeHardware",
  acceptsAny: true,
  supported: {
    bios: ["fake", "no-bios"],
    boot: ["fake", ...genericSupported.boot],
    console: ["fake", ...genericSupported.console],
    deploy: ["fake", ...genericSupported.deploy],
    firmware: ["fake", "no-firmware"],
    inspect: ["fake", ...genericSupported.inspect],
    management: ["fake"],
    power: ["fake"],
    raid: ["fake", ...genericSupported.raid],
    rescue: ["fake", ...genericSupported.rescue],
    storage: ["fake", ...genericSupported.storage],
    vendor: ["fake", "no-vendor"]
  }
});

// src/drivers/hardware/manual-management.ts
var manualManagement = hardwareType({
  name: "manual-management",
  className: "ManualManagementHardware",
  supported: {
    deploy: [...genericSupported.deploy, "noop"],
    management: ["noop", "fake"],
    power: ["agent", "fake"]
  }
});

// src/drivers/inspect/fake.ts
var fakeInspect = {
  name: "fake",
  kind: "inspect",
  properties: {},
  validate: nothing,
  async inspectHardware(task) {
    await fakeDelay(task, "inspect_delay");
    return "manageable";
  }
};

// src/drivers/inspect/no-inspect.ts
var noInspect = {
  name: "no-inspect",
  kind: "inspect",
  properties: {},
  validate: refuse("inspect"),
  inspectHardware: refuse("inspect")
};

// src/drivers/management/fake.ts
var indicators = {
  chassis: { "led-0": { readonly: true, states: ["off", "on"] } },
  system: { led: { readonly: false, states: ["blinking", "off", "on"] } }
};
var devices2 = ["pxe"];
var wait3 = (task) => fakeDelay(task, "management_delay");
var fakeManagement = {
  name: "fake",
  kind: "management",
  properties: {},
  validate: nothing,
  supportedBootDevices: () => Promise.resolve([...devices2]),
  async setBootDevice(task, device) {
    await wait3(task);
    if (!devices2.includes(device)) {
      throw new InvalidParameterValue(`Invalid boot device ${device} specified.`);
    }
  },
  async getBootDevice(task) {
    await wait3(task);
    return { boot_device: "pxe", persistent: false };
  },
  async getSensorsData(task) {
    await wait3(task);
    return {};
  },
  async supportedIndicators(task, component) {
    await wait3(task);
    return Object.fromEntries(
      Object.entries(indicators).filter(([name]) => !component || name === component)
    );
  },
  async getIndicatorState(task, component, indicator) {
    await wait3(task);
    const known = indicators[component];
    if (known === void 0) {
      throw new InvalidParameterValue(`Invalid component ${component} specified.`);
    }
    if (known[indicator] === void 0) {
      throw new InvalidParameterValue(`Invalid indicator ${indicator} specified.`);
    }
    return "on";
  }
};

// src/drivers/management/noop.ts
var devices3 = ["pxe", "disk"];
var noopManagement = {
  name: "noop",
  kind: "management",
  properties: {},
  validate: nothing,
  supportedBootDevices: () => Promise.resolve([...devices3]),
  async setBootDevice(_task, device) {
    await Promise.resolve();
    if (!devices3.includes(device)) {
      throw new InvalidParameterValue(
        `Invalid boot device ${device} specified, supported are ${devices3.join(", ")}.`
      );
    }
  },
  getBootDevice: () => Promise.resolve({ boot_device: "pxe", persistent: true })
};

// src/drivers/network/noop.ts
var noopNetwork = {
  name: "noop",
  kind: "network",
  properties: {},
  capabilities: [],
  validate: nothing,
  portChanged: nothing,
  portgroupChanged: nothing,
  vifList: () => Promise.resolve([]),
  vifAttach: nothing,
  vifDetach: nothing,
  addNetwork: nothing,
  removeNetwork: nothing,
  configureTenantNetworks: nothing,
  unconfigureTenantNetworks: nothing,
  validateRescue: nothing,
  validateInspection: nothing
};

// src/drivers/power/fake.ts
var settable = ["power on", "power off", "soft rebooting", "soft power off"];
var fakePower = {
  name: "fake",
  kind: "power",
  properties: {},
  supportsPowerSync: true,
  validate: nothing,
  async getPowerState(task) {
    await fakeDelay(task, "power_delay");
    const { powerState } = task.node;
    return powerState === "power on" || powerState === "power off" || powerState === "error" ? powerState : null;
  },
  async setPowerState(task, target) {
    await fakeDelay(task, "power_delay");
    if (!settable.includes(target)) {
      throw new InvalidParameterValue(
        `set_power_state called with an invalid power state: ${target}.`
      );
    }
    task.node.powerState = target;
  },
  reboot: (task) => fakeDelay(task, "power_delay"),
  supportedPowerStates: () => [
    "power on",
    "power off",
    "rebooting",
    "soft rebooting",
    "soft power off"
  ]
};

// src/drivers/raid/fake.ts
var fakeRaid = {
  name: "fake",
  kind: "raid",
  properties: {},
  logicalDiskProperties,
  ...genericRaid
};

// src/drivers/raid/no-raid.ts
var noRaid = {
  name: "no-raid",
  kind: "raid",
  properties: {},
  logicalDiskProperties,
  validate: refuse("raid"),
  validateRaidConfig: refuse("raid")
};

// src/drivers/rescue/fake.ts
var fakeRescue = {
  name: "fake",
  kind: "rescue",
  properties: {},
  validate: nothing,
  async rescue(task) {
    await fakeDelay(task, "rescue_delay");
    return "rescue";
  },
  async unrescue(task) {
    await fakeDelay(task, "rescue_delay");
    return "active";
  },
  cleanUp: nothing
};

// src/drivers/rescue/no-rescue.ts
var noRescue = {
  name: "no-rescue",
  kind: "rescue",
  properties: {},
  validate: refuse("rescue"),
  rescue: refuse("rescue"),
  unrescue: refuse("rescue"),
  cleanUp: nothing
};

// src/drivers/storage/fake.ts
var wait4 = (task) => fakeDelay(task, "storage_delay");
var fakeStorage = {
  name: "fake",
  kind: "storage",
  properties: {},
  validate: nothing,
  attachVolumes: wait4,
  detachVolumes: wait4,
  shouldWriteImage: () => Promise.resolve(true)
};

// src/drivers/storage/noop.ts
var noopStorage = {
  name: "noop",
  kind: "storage",
  properties: {},
  validate: nothing,
  attachVolumes: nothing,
  detachVolumes: nothing,
  shouldWriteImage: () => Promise.resolve(true)
};

// src/drivers/vendor/fake.ts
var compares = (word, differs2 = {}) => passthru(
  `Test if the value of bar is ${word}`,
  async (task, args) => {
    await fakeDelay(task, "vendor_delay");
    return args["bar"] === word;
  },
  differs2
);
var fakeVendorAMethods = { first_method: compares("baz") };
var fakeVendorBMethods = {
  second_method: compares("kazoo"),
  third_method_sync: compares("meow", { async: false }),
  fourth_method_shared_lock: compares("woof", { requireExclusiveLock: false }),
  log_passthrough: passthru("Test pass-through to wait.", async (task, args) => {
    task.ctx.log.debug({ node: task.node.uuid, args: Object.keys(args) }, "fake vendor passthru");
    await fakeDelay(task, "vendor_delay");
  })
};
var logStep = {
  step: "log_passthrough",
  requiresRamdisk: false,
  argsinfo: null,
  async run(task) {
    await fakeDelay(task, "vendor_delay");
    return void 0;
  }
};
var triggerServiceWait = {
  step: "trigger_servicewait",
  kind: "service",
  priority: 0,
  requiresRamdisk: true,
  argsinfo: null,
  run: () => Promise.resolve("service wait")
};
var needBar = /* @__PURE__ */ new Set(["second_method", "third_method_sync", "fourth_method_shared_lock"]);
var fakeVendor = {
  name: "fake",
  kind: "vendor",
  properties: { B1: "B1 description. Required.", B2: "B2 description. Required." },
  nodeMethods: fakeVendorBMethods,
  driverMethods: {},
  steps: [
    { ...logStep, kind: "clean", priority: 1 },
    { ...logStep, kind: "service", priority: 0 },
    triggerServiceWait
  ],
  validate: nothing,
  async validateMethod(_task, method, args) {
    await Promise.resolve();
    if (needBar.has(method)) requireBar(method, args);
  }
};
var fakeVendorMixin = {
  name: "fake-mixin",
  kind: "vendor",
  properties: {
    A1: "A1 description. Required.",
    A2: "A2 description. Optional.",
    ...fakeVendor.properties
  },
  nodeMethods: {
    ...fakeVendorAMethods,
    second_method: fakeVendorBMethods.second_method,
    third_method_sync: fakeVendorBMethods.third_method_sync
  },
  driverMethods: {},
  validate: nothing,
  async validateMethod(_task, method, args) {
    await Promise.resolve();
    requireBar(method, args);
  }
};

// src/drivers/vendor/no-vendor.ts
var noVendor = {
  name: "no-vendor",
  kind: "vendor",
  properties: {},
  nodeMethods: {},
  driverMethods: {},
  validate: refuse("vendor"),
  validateMethod: refuse("vendor")
};

// src/drivers/catalogue.ts
var builtinHardwareTypes = [
  fakeHardware,
  manualManagement,
  ipmi,
  intelIpmi,
  ...classicDrivers
];
var builtinInterfaces = [
  fakeBios,
  noBios,
  fakeBoot,
  pxeBoot,
  ipxeBoot,
  httpBoot,
  httpIpxeBoot,
  fakeConsole,
  noConsole,
  ipmitoolSocatConsole,
  fakeDeploy,
  noopDeploy,
  directDeploy,
  customAgentDeploy,
  ramdiskDeploy,
  fakeFirmware,
  noFirmware,
  fakeInspect,
  noInspect,
  fakeManagement,
  noopManagement,
  ipmitoolManagement,
  intelIpmitoolManagement,
  noopNetwork,
  fakePower,
  agentPower,
  ipmitoolPower,
  fakeRaid,
  noRaid,
  agentRaid,
  fakeRescue,
  noRescue,
  agentRescue,
  fakeStorage,
  noopStorage,
  fakeVendor,
  fakeVendorMixin,
  noVendor,
  ipmitoolVendor
];
function buildCatalogue(packages) {
  const types2 = /* @__PURE__ */ new Map();
  const interfaces = Object.fromEntries(
    interfaceKinds.map((kind) => [kind, /* @__PURE__ */ new Map()])
  );
  const all = [{ hardwareTypes: builtinHardwareTypes, interfaces: builtinInterfaces }, ...packages];
  for (const source of all) {
    for (const type of source.hardwareTypes) add(types2, type);
    for (const item of source.interfaces) add(interfaces[item.kind], item);
  }
  return { hardwareTypes: types2, interfaces };
}
function add(to, item) {
  if (to.has(item.name)) throw new DriverLoadError(item.name, "the name is taken");
  to.set(item.name, item);
}

// src/drivers/enabled.ts
var usual = {
  bios: ["no-bios", "redfish"],
  boot: ["ipxe", "pxe", "redfish-virtual-media"],
  console: ["no-console"],
  deploy: ["autodetect", "direct", "ramdisk", "bootc"],
  firmware: ["no-firmware"],
  inspect: ["no-inspect", "redfish"],
  management: [],
  network: ["noop"],
  power: [],
  raid: ["agent", "no-raid", "redfish"],
  rescue: ["no-rescue"],
  storage: ["noop"],
  vendor: ["ipmitool", "redfish", "no-vendor"]
};
function enabledHardwareTypes(config2, catalogue, log) {
  const names = unique15("enabled_hardware_types", config2.DEFAULT.enabled_hardware_types, log);
  const found = /* @__PURE__ */ new Map();
  const missing2 = [];
  for (const name of names) {
    const type = catalogue.hardwareTypes.get(name);
    if (type === void 0 || !isComplete(type, catalogue)) missing2.push(name);
    else found.set(name, type);
  }
  if (missing2.length > 0) throw new DriverNotFoundInEntrypoint("ironic.hardware.types", missing2);
  if (found.size === 0) throw new NoDriversLoaded(config2.DEFAULT.host ?? "of this host");
  return found;
}
var isComplete = (type, catalogue) => interfaceKinds.every(
  (kind) => type.supported[kind].some((n) => catalogue.interfaces[kind].has(n))
);
function enabledInterfaces(config2, catalogue, types2, log) {
  return Object.fromEntries(
    interfaceKinds.map((kind) => [kind, enabledOf(kind, config2, catalogue, types2, log)])
  );
}
function enabledOf(kind, config2, catalogue, types2, log) {
  const known = catalogue.interfaces[kind];
  const option = `enabled_${kind}_interfaces`;
  const given = config2.DEFAULT[option];
  if (given === null) return unset(kind, types2).filter((name) => known.has(name));
  const names = unique15(option, given, log);
  const chosen = names.length > 0 ? names : firstSupported(kind, types2);
  const all = [.../* @__PURE__ */ new Set([...chosen, ...fixed(kind, types2)])];
  const missing2 = all.filter((name) => !known.has(name));
  if (missing2.length > 0) {
    throw new DriverNotFoundInEntrypoint(`ironic.hardware.interfaces.${kind}`, missing2);
  }
  return all;
}
function unset(kind, types2) {
  const first = firstSupported(kind, types2).filter(
    (name) => kind === "power" || kind === "management" || name === "fake"
  );
  return [.../* @__PURE__ */ new Set([...usual[kind], ...first, ...fixed(kind, types2)])];
}
var firstSupported = (kind, types2) => [
  ...new Set(types2.flatMap((type) => type.supported[kind].slice(0, 1)))
];
var fixed = (kind, types2) => types2.filter((type) => interfaceKinds.every((k) => type.supported[k].length === 1)).flatMap((type) => type.supported[kind]);
function unique15(option, names, log) {
  const given = names.filter((name) => name !== "");
  const result = [...new Set(given)];
  if (result.length < given.length) {
    log.warn({ option, names: given }, "names are given more than once");
  }
  return result;
}

// src/drivers/packages.ts
import { resolve as resolve2 } from "node:path";
import { pathToFileURL } from "node:url";
var isObject2 = (v) => typeof v === "object" && v !== null;
async function loadPackages(names) {
  return await Promise.all(names.map(loadPackage));
}
async function loadPackage(name) {
  const specifier = /^[./]/.test(name) ? pathToFileURL(resolve2(name)).href : name;
  let module;
  try {
    module = await import(specifier);
  } catch (cause) {
    throw new DriverLoadError(name, cause instanceof Error ? cause.message : String(cause), cause);
  }
  return readPackage(name, isObject2(module) ? module["ferricDrivers"] : void 0);
}
function readPackage(name, exported) {
  if (!isObject2(exported)) {
    throw new DriverLoadError(name, "it has no export named 'ferricDrivers'");
  }
  const { hardwareTypes = [], interfaces = [] } = exported;
  if (!Array.isArray(hardwareTypes) || !Array.isArray(interfaces)) {
    throw new DriverLoadError(name, "'hardwareTypes' and 'interfaces' must be lists");
  }
  return {
    hardwareTypes: hardwareTypes.map((type) => hardwareType(readType(name, type))),
    interfaces: interfaces.map((item) => readInterface(name, item))
  };
}
function readType(name, type) {
  if (!isObject2(type) || typeof type["name"] !== "string" || !isObject2(type["supported"])) {
    throw new DriverLoadError(name, "a hardware type needs 'name' and 'supported'");
  }
  const given = type;
  return { ...given, className: given.className ?? given.name };
}
function readInterface(name, item) {
  const known = interfaceKinds;
  if (!isObject2(item) || typeof item["name"] !== "string" || !known.includes(item["kind"])) {
    throw new DriverLoadError(name, "an interface needs 'name' and a known 'kind'");
  }
  if (!isObject2(item["properties"]) || typeof item["validate"] !== "function") {
    throw new DriverLoadError(
      name,
      `the ${String(item["kind"])} interface ${item["name"]} needs 'properties' and 'validate'`
    );
  }
  return item;
}

// src/drivers/registry.ts
async function createDriverRegistry(config2, log, options = {}) {
  checkFakeDelays(config2);
  const loaded = await loadPackages(config2.ferric.driver_packages);
  const catalogue = buildCatalogue([...loaded, ...options.packages ?? []]);
  const hardwareTypes = enabledHardwareTypes(config2, catalogue, log);
  const names = enabledInterfaces(config2, catalogue, [...hardwareTypes.values()], log);
  const registry = new Registry(config2, catalogue, hardwareTypes, names);
  for (const type of hardwareTypes.keys()) {
    for (const kind of interfaceKinds) registry.defaultFor(type, kind);
  }
  return registry;
}
var Registry = class {
  hardwareTypes;
  #config;
  #catalogue;
  #names;
  constructor(config2, catalogue, hardwareTypes, names) {
    this.#config = config2;
    this.#catalogue = catalogue;
    this.hardwareTypes = hardwareTypes;
    this.#names = names;
  }
  hardwareType(name) {
    const type = this.hardwareTypes.get(name);
    if (type === void 0) throw new DriverNotFound(name);
    return type;
  }
  enabled(hardwareType2, kind) {
    const { supported } = this.hardwareType(hardwareType2);
    return this.#names[kind].filter((name) => supported[kind].includes(name)).toSorted();
  }
  defaultFor(hardwareType2, kind, nodeUuid) {
    const type = this.hardwareType(hardwareType2);
    const configured = this.#config.DEFAULT[`default_${kind}_interface`];
    const name = configured ?? type.supported[kind].find((n) => this.#names[kind].includes(n));
    if (name === void 0) throw new NoValidDefaultForInterface(kind, type.name, nodeUuid);
    try {
      this.#check(type, kind, name);
    } catch (error) {
      if (!(error instanceof IncompatibleInterface)) throw error;
      throw new NoValidDefaultForInterface(kind, type.name, nodeUuid);
    }
    return name;
  }
  implementation(kind, name) {
    const found = this.#names[kind].includes(name) && this.#catalogue.interfaces[kind].get(name);
    if (!found) {
      throw new InterfaceNotFoundInEntrypoint(kind, name, this.#names[kind].toSorted());
    }
    return found;
  }
  resolveInterfaces(node) {
    const type = this.hardwareType(node.driver ?? "None");
    const columns = interfaceKinds.map((kind) => [
      `${kind}Interface`,
      this.#column(type, kind, node)
    ]);
    return Object.fromEntries(columns);
  }
  compose(node) {
    const columns = this.resolveInterfaces(node);
    const parts = interfaceKinds.map((kind) => [
      kind,
      this.implementation(kind, override(node, kind) ?? columns[`${kind}Interface`])
    ]);
    return Object.fromEntries(parts);
  }
  /** The stored choice, or the default where there is none. */
  #column(type, kind, node) {
    const overridden = override(node, kind);
    if (overridden !== null) this.#check(type, kind, overridden);
    const chosen = node[`${kind}Interface`];
    if (chosen === null) return this.defaultFor(type.name, kind, node.uuid);
    this.#check(type, kind, chosen);
    return chosen;
  }
  #check(type, kind, name) {
    const implementation = this.implementation(kind, name);
    if (type.acceptsAny === true || type.supported[kind].includes(name)) return;
    throw new IncompatibleInterface(kind, implementation.name, type.className);
  }
};
function override(node, kind) {
  const value = node.instanceInfo?.[`${kind}_interface`];
  return typeof value === "string" ? value : null;
}

// src/create-context.ts
async function createContext(config2, log, options = {}) {
  const drivers = await createDriverRegistry(config2, log);
  const db = await openDatabase(config2, log);
  try {
    if (options.migrate ?? true) await migrate2(db, { queue: config2.ferric.queue_url === null });
    const queue = await openQueue(config2, db, log);
    const close = async () => {
      await queue.close();
      await db.close();
    };
    return {
      config: config2,
      log,
      clock: options.clock ?? systemClock,
      db,
      queue,
      drivers,
      processId: randomUUID2(),
      host: config2.DEFAULT.host ?? hostname3(),
      close,
      [Symbol.asyncDispose]: close
    };
  } catch (e) {
    await db.close();
    throw e;
  }
}

// src/api/server.ts
import { existsSync as existsSync2 } from "node:fs";
import { dirname as dirname3, join as join3 } from "node:path";
import { fileURLToPath as fileURLToPath2 } from "node:url";
import { serve as serve2 } from "@hono/node-server";

// src/api/app.ts
import { Hono } from "hono";

// src/api/accept.ts
var AcceptRefused = class extends IronicError {
};
var unavailable = "The resource could not be generated that was acceptable to your browser";
function checkAccept(accept) {
  const ranges = (accept ?? "").split(",").map((r) => (r.split(";")[0] ?? "").trim().toLowerCase());
  if (ranges.every((r) => r === "")) return;
  if (ranges.some((r) => r === "*/*" || r === "application/*" || r === "application/json")) return;
  throw new AcceptRefused(ranges.includes("text/html") ? html : plain(ranges[0] ?? ""), {
    status: 406
  });
}
var html = `<html>
 <head>
  <title>406 Not Acceptable</title>
 </head>
 <body>
  <h1>406 Not Acceptable</h1>
  ${unavailable}
(content of type text/html. <br /><br />


 </body>
</html>`;
var plain = (type) => `406 Not Acceptable

${unavailable} (content of type ${type}. 

 `;

// src/api/body.ts
var BodyRefused = class extends IronicError {
};
var contact = "Please contact the service administrator.";
var tooLarge = () => new BodyRefused(`Request body is too large. ${contact}`, { status: 413 });
function sizeLimit(path, api2) {
  const bare = path.replace(/\/+$/, "");
  if (bare.endsWith("states/provision")) return api2.max_json_body_size_provision * 1024;
  if (bare.endsWith("continue_inspection")) return api2.max_json_body_size_inspection * 1024;
  return api2.max_json_body_size * 1024;
}
async function readBody(request, path, api2) {
  if (request.body === null || request.method === "GET" || request.method === "HEAD") return "";
  refuseCharset(request);
  const limit = sizeLimit(path, api2);
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge();
  const text6 = decode(await collect(request.body, limit));
  if (isJson(request) && deeperThan(text6, api2.max_json_body_depth)) {
    throw new BodyRefused(`Request body JSON is nested too deeply. ${contact}`, { status: 400 });
  }
  return text6;
}
function refuseCharset(request) {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(request.headers.get("content-type") ?? "")?.[1];
  if (charset !== void 0 && !/^(utf-?8|us-ascii|ascii)$/i.test(charset)) {
    throw new RoutingError(400, "Bad Request");
  }
}
var isJson = (request) => (request.headers.get("content-type") ?? "").toLowerCase().includes("json");
var isForm = (request) => (request.headers.get("content-type") ?? "").startsWith("application/x-www-form-urlencoded");
async function collect(body, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (e) {
    throw new Invalid("The request body is not valid UTF-8.", e);
  }
}
function deeperThan(text6, limit) {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text6.length; i++) {
    const c = text6.charCodeAt(i);
    if (inString) {
      if (c === 92) i++;
      else if (c === 34) inString = false;
    } else if (c === 34) inString = true;
    else if (c === 123 || c === 91) {
      if (++depth > limit) return true;
    } else if (c === 125 || c === 93) depth--;
  }
  return false;
}
function parseBody(text6) {
  if (text6 === "") return {};
  try {
    return JSON.parse(text6);
  } catch (e) {
    throw new Invalid(`The request body is not valid JSON: ${e.message}`, e);
  }
}

// src/api/dispatch.ts
import { randomUUID as randomUUID3 } from "node:crypto";

// src/api/validation/formats.ts
import { isIP as isIP2 } from "node:net";
function isUuidLike(value) {
  if (typeof value !== "string") return false;
  const bare = value.replaceAll("urn:", "").replaceAll("uuid:", "").replace(/^[{}]+|[{}]+$/g, "");
  return /^[0-9a-f]{32}$/i.test(bare.replaceAll("-", ""));
}
function isMacAddress(value) {
  return typeof value === "string" && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value);
}
function isLogicalName(value) {
  return typeof value === "string" && /^[A-Za-z0-9\-._~]{1,255}$/.test(value);
}
var dateTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d(:?\d\d)?)?$/;
var formats = {
  uuid: isUuidLike,
  "mac-address": isMacAddress,
  "date-time": (v) => dateTime.test(v) && !Number.isNaN(Date.parse(v.replace(" ", "T"))),
  ipv4: (v) => isIP2(v) === 4,
  ipv6: (v) => isIP2(v) === 6
};

// src/api/validation/python-repr.ts
function pyRepr(value) {
  if (value === null || value === void 0) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return reprString2(value);
  if (typeof value === "number") return reprNumber(value);
  if (Array.isArray(value)) return `[${value.map(pyRepr).join(", ")}]`;
  if (typeof value === "object") {
    return `{${Object.entries(value).map(([k, v]) => `${pyRepr(k)}: ${pyRepr(v)}`).join(", ")}}`;
  }
  return JSON.stringify(value) ?? "None";
}
function pyStr(value) {
  return typeof value === "string" ? value : pyRepr(value);
}
function reprNumber(value) {
  if (Number.isInteger(value) && Math.abs(value) >= 1e16) return BigInt(value).toString();
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}
var escapes2 = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "	": "\\t"
};
function reprString2(value) {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  let out = "";
  for (const ch of value) {
    if (ch === quote) out += `\\${ch}`;
    else out += escapes2[ch] ?? printable2(ch);
  }
  return quote + out + quote;
}
function printable2(ch) {
  const code = ch.codePointAt(0) ?? 0;
  if (code < 32 || code >= 127 && code <= 160 || code === 173) {
    return `\\x${code.toString(16).padStart(2, "0")}`;
  }
  if (code >= 55296 && code <= 57343) return `\\u${code.toString(16)}`;
  return ch;
}

// src/api/validation/json-schema.ts
function* iterErrors(value, schema, depth = 0) {
  for (const [keyword, arg] of Object.entries(schema)) {
    const check2 = checks[keyword];
    if (check2 === void 0) continue;
    for (const e of check2(value, arg, schema, depth)) {
      yield "keyword" in e ? e : { context: [], ...e, keyword, depth, matchesType: matchesOwnType(value, schema) };
    }
  }
}
function firstError(value, schema) {
  for (const error of iterErrors(value, schema)) {
    let cause = null;
    for (let e = error; e !== void 0 && e.context.length > 0; ) {
      e = bestMatch(e.context);
      cause = e?.message ?? cause;
    }
    return cause === null ? error.message : `${error.message}. Possible root cause: ${cause}`;
  }
  return null;
}
function bestMatch(errors) {
  let best = errors[0];
  for (const e of errors) if (best !== void 0 && compare(e, best) > 0) best = e;
  while (best !== void 0 && best.context.length > 0) {
    const sorted = [...best.context].sort(compare);
    const [least, second] = sorted;
    if (least !== void 0 && second !== void 0 && compare(least, second) === 0) return best;
    best = least;
  }
  return best;
}
function compare(a, b) {
  return b.depth - a.depth || Number(!isWeak(a)) - Number(!isWeak(b)) || Number(!a.matchesType) - Number(!b.matchesType);
}
var isWeak = (e) => e.keyword === "anyOf" || e.keyword === "oneOf";
function isType(value, type) {
  switch (type) {
    case "null":
      return value === null || value === void 0;
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number";
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject3(value);
    default:
      throw new Error(`unknown JSON Schema type ${type}`);
  }
}
function isObject3(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function typesOf(schema) {
  const t = schema["type"];
  return typeof t === "string" ? [t] : Array.isArray(t) ? t : [];
}
function matchesOwnType(value, schema) {
  return typesOf(schema).some((t) => isType(value, t));
}
function equal(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return pyRepr(a) === pyRepr(b);
}
function extras(names) {
  return `${[...names].sort().map(pyRepr).join(", ")} ${names.length === 1 ? "was" : "were"} unexpected`;
}
var patterns = /* @__PURE__ */ new Map();
function regex(source) {
  let re = patterns.get(source);
  if (re === void 0) {
    const inline = /^\(\?([a-z]+)\)/.exec(source);
    re = new RegExp(inline === null ? source : source.slice(inline[0].length), inline?.[1] ?? "");
    patterns.set(source, re);
  }
  return re;
}
var length = (s2) => /[\ud800-\udfff]/.test(s2) ? Array.from(s2).length : s2.length;
var checks = {
  *type(value, _arg, schema) {
    const types2 = typesOf(schema);
    if (!types2.some((t) => isType(value, t))) {
      yield { message: `${pyRepr(value)} is not of type ${types2.map(pyRepr).join(", ")}` };
    }
  },
  *properties(value, arg, _schema, depth) {
    if (!isObject3(value)) return;
    for (const [name, sub] of Object.entries(arg)) {
      if (Object.hasOwn(value, name)) yield* iterErrors(value[name], sub, depth + 1);
    }
  },
  *patternProperties(value, arg, _schema, depth) {
    if (!isObject3(value)) return;
    for (const [pattern, sub] of Object.entries(arg)) {
      for (const [name, v] of Object.entries(value)) {
        if (regex(pattern).test(name)) yield* iterErrors(v, sub, depth + 1);
      }
    }
  },
  *additionalProperties(value, arg, schema, depth) {
    if (!isObject3(value) || arg === true) return;
    const known = schema["properties"] ?? {};
    const byPattern = Object.keys(schema["patternProperties"] ?? {});
    const names = Object.keys(value).filter(
      (n) => !Object.hasOwn(known, n) && !byPattern.some((p) => regex(p).test(n))
    );
    if (arg === false) {
      if (names.length > 0) {
        yield { message: `Additional properties are not allowed (${extras(names)})` };
      }
      return;
    }
    for (const n of names) yield* iterErrors(value[n], arg, depth + 1);
  },
  *required(value, arg) {
    if (!isObject3(value)) return;
    for (const name of arg) {
      if (!Object.hasOwn(value, name)) yield { message: `${pyRepr(name)} is a required property` };
    }
  },
  *dependentRequired(value, arg) {
    if (!isObject3(value)) return;
    for (const [name, needed] of Object.entries(arg)) {
      if (!Object.hasOwn(value, name)) continue;
      for (const other2 of needed.filter((n) => !Object.hasOwn(value, n))) {
        yield { message: `${pyRepr(other2)} is a dependency of ${pyRepr(name)}` };
      }
    }
  },
  *items(value, arg, _schema, depth) {
    if (!Array.isArray(value)) return;
    for (const item of value) yield* iterErrors(item, arg, depth + 1);
  },
  *minItems(value, arg) {
    if (Array.isArray(value) && value.length < arg)
      yield { message: `${pyRepr(value)} is too short` };
  },
  *maxItems(value, arg) {
    if (Array.isArray(value) && value.length > arg)
      yield { message: `${pyRepr(value)} is too long` };
  },
  *uniqueItems(value, arg) {
    if (!arg || !Array.isArray(value)) return;
    if (new Set(value.map(pyRepr)).size < value.length) {
      yield { message: `${pyRepr(value)} has non-unique elements` };
    }
  },
  *minProperties(value, arg) {
    if (isObject3(value) && Object.keys(value).length < arg) {
      yield { message: `${pyRepr(value)} does not have enough properties` };
    }
  },
  *minLength(value, arg) {
    if (typeof value === "string" && length(value) < arg)
      yield { message: `${pyRepr(value)} is too short` };
  },
  *maxLength(value, arg) {
    if (typeof value === "string" && length(value) > arg)
      yield { message: `${pyRepr(value)} is too long` };
  },
  *pattern(value, arg) {
    if (typeof value === "string" && !regex(arg).test(value)) {
      yield { message: `${pyRepr(value)} does not match ${pyRepr(arg)}` };
    }
  },
  *minimum(value, arg) {
    if (typeof value === "number" && value < arg) {
      yield { message: `${pyRepr(value)} is less than the minimum of ${arg}` };
    }
  },
  *maximum(value, arg) {
    if (typeof value === "number" && value > arg) {
      yield { message: `${pyRepr(value)} is greater than the maximum of ${arg}` };
    }
  },
  *enum(value, arg) {
    if (!arg.some((a) => equal(a, value)))
      yield { message: `${pyRepr(value)} is not one of ${pyRepr(arg)}` };
  },
  *const(value, arg) {
    if (!equal(arg, value)) yield { message: `${pyRepr(arg)} was expected` };
  },
  *format(value, arg) {
    const check2 = formats[arg];
    if (typeof value === "string" && check2 !== void 0 && !check2(value)) {
      yield { message: `${pyRepr(value)} is not a ${pyRepr(arg)}` };
    }
  },
  *allOf(value, arg, _schema, depth) {
    for (const sub of arg) yield* iterErrors(value, sub, depth);
  },
  *anyOf(value, arg, _schema, depth) {
    const context = [];
    for (const sub of arg) {
      const errors = [...iterErrors(value, sub, depth)];
      if (errors.length === 0) return;
      context.push(...errors);
    }
    yield { message: `${pyRepr(value)} is not valid under any of the given schemas`, context };
  },
  *oneOf(value, arg, _schema, depth) {
    const context = [];
    const valid = [];
    for (const sub of arg) {
      const errors = [...iterErrors(value, sub, depth)];
      if (errors.length === 0) valid.push(sub);
      else if (valid.length === 0) context.push(...errors);
    }
    if (valid.length === 0) {
      yield { message: `${pyRepr(value)} is not valid under any of the given schemas`, context };
    } else if (valid.length > 1) {
      const [first, ...more] = valid;
      yield {
        message: `${pyRepr(value)} is valid under each of ${[...more, first].map(pyRepr).join(", ")}`
      };
    }
  },
  *not(value, arg) {
    for (const _ of iterErrors(value, arg)) return;
    yield { message: `${pyRepr(value)} should not be valid under ${pyRepr(arg)}` };
  }
};

// src/api/contract/types.ts
var MIN_MINOR = 1;
var MAX_MINOR = 115;

// src/api/contract/versions.ts
function minorOf(version2) {
  const m = /^1\.(\d+)$/.exec(String(version2));
  if (m === null) throw new Error(`${String(version2)} is not a microversion`);
  return Number(m[1]);
}
function versionRange(holder) {
  const x = holder["x-openstack"];
  if (!isObject3(x)) return { min: MIN_MINOR, max: MAX_MINOR };
  return {
    min: x["min-ver"] === void 0 ? MIN_MINOR : minorOf(x["min-ver"]),
    max: x["max-ver"] === void 0 ? MAX_MINOR : minorOf(x["max-ver"])
  };
}
var covers = (range, minor) => range.min <= minor && minor <= range.max;

// src/api/args/convert.ts
import { isIP as isIP3 } from "node:net";
var trueWords = /* @__PURE__ */ new Set(["1", "t", "true", "on", "y", "yes"]);
var falseWords = /* @__PURE__ */ new Set(["0", "f", "false", "off", "n", "no"]);
var wordList = "'0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'";
var fail = (text6) => new InvalidParameterValue(text6);
function string(name, value) {
  if (typeof value !== "string") throw fail(`Expected string for ${name}: ${pyStr(value)}`);
  return value;
}
function boolean9(name, value) {
  if (typeof value === "boolean") return value;
  const word = pyStr(value).trim().toLowerCase();
  if (trueWords.has(word)) return true;
  if (falseWords.has(word)) return false;
  throw fail(
    `Invalid ${name}: Unrecognized value '${pyStr(value)}', acceptable values are: ${wordList}`
  );
}
function integer19(name, value) {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number" && Number.isFinite(value)) return Math.trunc(value);
  const text6 = typeof value === "string" ? value.trim() : "";
  if (!/^[+-]?\d+(_\d+)*$/.test(text6)) {
    throw fail(`Expected an integer for ${name}: ${pyStr(value)}`);
  }
  const n = Number(text6.replaceAll("_", ""));
  return Math.max(Math.min(n, Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER);
}
function stringList(name, value) {
  if (Array.isArray(value)) return value.map((v) => string(name, v));
  const items = string(name, value).split(",");
  return [...new Set(items.map((i) => i.trim().toLowerCase()).filter((i) => i !== ""))];
}
function checked(test, what) {
  return (name, value) => {
    if (!test(value)) throw fail(`Expected ${what} for ${name}: ${pyStr(value)}`);
    return value;
  };
}
var uuidOrName = (v) => isUuidLike(v) || isLogicalName(v);
function macAddress(name, value) {
  if (!isMacAddress(value)) throw fail(`Expected valid MAC address for ${name}: ${pyStr(value)}`);
  return value.toLowerCase();
}
function hostPort(name, value) {
  const text6 = string(name, value);
  if (isIP3(text6) === 6) return text6;
  const m = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text6);
  const port = m?.[3];
  if (port !== void 0 && !/^\d+$/.test(port)) {
    throw fail(`${name}: invalid literal for int() with base 10: '${port}'`);
  }
  if ((m?.[1] ?? m?.[2] ?? "") === "") throw fail(`Missing host in ${name}`);
  return text6;
}
var readers = {
  string,
  boolean: boolean9,
  integer: integer19,
  string_list: stringList,
  uuid: checked(isUuidLike, "UUID"),
  uuid_or_name: checked(uuidOrName, "UUID or name"),
  name: checked(isLogicalName, "name"),
  mac_address: macAddress,
  host_port: hostPort,
  any: (_name, value) => value
};
function convert(kind, name, value) {
  return value === null || value === void 0 ? void 0 : readers[kind](name, value);
}
var missing = (name) => new Invalid(`Missing mandatory parameter: ${name}`);

// src/api/args/collect.ts
function queryArguments(search) {
  const out = {};
  for (const [name, value] of search) {
    const before = out[name];
    if (!Object.hasOwn(out, name)) out[name] = value;
    else out[name] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return out;
}
function mergeArguments(a, b) {
  const out = { ...a };
  for (const [name, value] of Object.entries(b)) {
    out[name] = Object.hasOwn(a, name) ? [a[name], value] : value;
  }
  return out;
}
function readArguments(op, minor, path, raw, positional = {}) {
  const given = { ...raw, ...path };
  const known = argumentsOf(op);
  refuseUnknown(given, known);
  const out = {};
  for (const [name, a] of known) {
    const value = convert(a.kind, a.shown, given[name]);
    if (value !== void 0) out[name] = value;
    else if (a.required) throw missing(a.shown);
  }
  if (op.options.style === "schema") {
    const query = Object.entries(raw).filter(([k]) => !Object.hasOwn(positional, k));
    checkSchemas(op, minor, path, Object.fromEntries(query), out);
  }
  return out;
}
var argumentTables = /* @__PURE__ */ new WeakMap();
function argumentsOf(op) {
  const known = argumentTables.get(op);
  if (known !== void 0) return known;
  const table = new Map(op.parameters.map((p) => [p.name, argumentOf(op, p)]));
  if (op.options.args === "merged") for (const [k, v] of bodyArguments(op)) table.set(k, v);
  argumentTables.set(op, table);
  return table;
}
function argumentOf(op, p) {
  const shown = p.in === "path" ? op.options.ident ?? p.name : p.name;
  return { kind: p.kind, required: p.required, shown };
}
function* bodyArguments(op) {
  const properties2 = op.body?.["properties"] ?? {};
  const required = op.body?.["required"] ?? [];
  for (const [name, schema] of Object.entries(properties2)) {
    const x = isObject3(schema["x-ferric"]) ? schema["x-ferric"] : {};
    const kind = x["kind"] ?? "any";
    yield [name, { kind, required: required.includes(name), shown: name }];
  }
}
function refuseUnknown(given, known) {
  const extra = Object.keys(given).filter((n) => !known.has(n));
  if (extra.length > 0) throw new Invalid(`Unexpected arguments: ${extra.sort().join(", ")}`);
}
function checkSchemas(op, minor, path, raw, converted) {
  const query = Object.fromEntries(Object.entries(raw).map(([k, v]) => [k, converted[k] ?? v]));
  for (const [place, values] of [
    ["query", query],
    ["path", path]
  ]) {
    const fault = firstError(values, schemaOf(op, minor, place));
    if (fault !== null) throw new Invalid(`Schema error: ${fault}`);
  }
}
var schemas = /* @__PURE__ */ new WeakMap();
function schemaOf(op, minor, place) {
  const cache = schemas.get(op) ?? /* @__PURE__ */ new Map();
  schemas.set(op, cache);
  const key = `${place} ${minor}`;
  const known = (p) => covers(p, minor) || p.below !== null;
  const here = op.parameters.filter((p) => p.in === place && known(p));
  const schema = cache.get(key) ?? {
    type: "object",
    properties: Object.fromEntries(here.map((p) => [p.name, p.schema])),
    additionalProperties: false
  };
  cache.set(key, schema);
  return schema;
}
function checkBody(op, body) {
  if (op.body === null || op.options.args === "merged") return;
  const fault = firstError(body, op.body);
  if (fault === null) return;
  const { bodyName, style } = op.options;
  const anonymous = bodyName === null || style === "schema" && body === null;
  throw new Invalid(`Schema error${anonymous ? "" : ` for ${bodyName}`}: ${fault}`);
}
function gateArguments(op, minor, given) {
  for (const p of op.parameters) {
    if (p.in !== "query" || minor >= p.min || given[p.name] === void 0) continue;
    throw notYet(p, given[p.name]);
  }
}
function notYet(p, value) {
  if (p.below === null || p.below === "general") return new NotAcceptable();
  if (p.below === "min-version") return NotAcceptable.minVersion(p.min);
  if (typeof p.below === "string") return new NotAcceptable(p.below);
  const { status, text: text6 } = p.below;
  return new IronicError(text6.replace("{value}", pyStr(value)), { status });
}

// src/api/router.ts
var newNode = () => ({ literals: /* @__PURE__ */ new Map(), param: null, operations: /* @__PURE__ */ new Map() });
function buildRoutes(operations) {
  const root2 = newNode();
  for (const op of operations) {
    let at = root2;
    for (const segment of segmentsOf(op.path)) at = child(at, segment);
    at.operations.set(op.options.anyMethod ? "*" : op.method, op);
  }
  return root2;
}
function child(at, segment) {
  const name = /^\{(\w+)\}$/.exec(segment)?.[1];
  if (name === void 0) {
    const next = at.literals.get(segment) ?? newNode();
    at.literals.set(segment, next);
    return next;
  }
  at.param ??= { name, node: newNode() };
  if (at.param.name !== name) throw new Error(`a path names ${at.param.name} ${name} too`);
  return at.param.node;
}
function segmentsOf(path) {
  const parts = path.replace(/^\//, "").replace(/\/$/, "").split("/");
  if (parts[0] === "v1") parts.shift();
  return parts.map((s2) => s2.includes("%") ? decodeSegment(s2) : s2);
}
function decodeSegment(segment) {
  return segment.replace(/(?:%[0-9a-f]{2})+/gi, (run3) => {
    const bytes = Buffer.from(run3.replaceAll("%", ""), "hex");
    return bytes.toString("utf8").replaceAll("/", "%2F");
  });
}
var operationFor = (node, method) => node.operations.get(method) ?? node.operations.get("*");
function matchRoute(root2, segments, method) {
  const literal = walk(root2, segments, method, true);
  if (literal.operation !== void 0) return literal;
  const last = literal.trail.at(-1);
  const parent = literal.trail.at(-2);
  const custom = last !== void 0 && isCustom(last) && parent?.param;
  return custom ? walk(root2, segments, method, false) : literal;
}
function walk(root2, segments, method, customToo) {
  const params = {};
  const trail = [root2];
  let node = root2;
  let i = 0;
  for (; i < segments.length; i++) {
    const segment = segments[i] ?? "";
    const literal = node.literals.get(segment);
    if (literal !== void 0 && (customToo || node.param === null || !isCustom(literal))) {
      node = literal;
    } else if (node.param !== null && segment !== "") {
      params[node.param.name] = segment;
      node = node.param.node;
    } else break;
    trail.push(node);
  }
  return { trail, params, rest: segments.slice(i), operation: operationFor(node, method) };
}
function isCustom(node) {
  const ops = [...node.operations.values()];
  return ops.length > 0 && ops.every((o) => o.options.custom);
}
function allowedMethods(trail) {
  let i = trail.length - 1;
  const up = () => trail[i - 1];
  for (; i > 0; i--) {
    const node2 = trail[i];
    if (node2 === void 0 || !(isCustom(node2) || up()?.param?.node === node2)) break;
  }
  const node = trail[i];
  const ops = [
    ...node?.operations.values() ?? [],
    ...node?.param?.node.operations.values() ?? []
  ];
  return [...new Set(ops.filter((o) => !o.options.custom).map((o) => o.method))].sort();
}

// src/api/dispatch.ts
function createDispatcher(ctx2, contract, routes2) {
  const handlers = new Map(routes2.map((r) => [r.id, r.handler]));
  for (const op of contract.operations) {
    if (!handlers.has(op.id)) throw new Error(`the contract's ${op.id} has no route`);
  }
  for (const id of handlers.keys()) contract.operation(id);
  const tree = buildRoutes(contract.operations);
  return async (incoming) => {
    const { operation, params, positional } = locate(tree, incoming);
    gateOperation(operation, incoming.minor);
    const request = buildRequest(ctx2, contract, operation, incoming, params, positional);
    const handler = handlers.get(operation.id);
    if (handler === void 0) throw new NotFound();
    return { answer: await handler(request), operation };
  };
}
function locate(tree, incoming) {
  const method = incoming.request.method;
  const match = matchRoute(tree, segmentsOf(incoming.path), method);
  if (match.trail.length === 1 && match.rest.length > 0) throw lost(match.rest);
  const { operation, params, rest } = match;
  if (operation === void 0) throw unrouted(match, method);
  checkRouting(operation, params);
  return { operation, params, positional: fillPositional(match, operation, rest) };
}
var notAllowed = (match) => new RoutingError(405, "Method Not Allowed", "", { Allow: allowedMethods(match.trail).join(", ") });
function lost(rest) {
  return rest[0] === "" ? new Invalid("Malformed request URI.") : new RoutingError(404, "Not Found");
}
function unrouted(match, method) {
  const here = match.trail.at(-1);
  const above = match.trail.at(-2);
  const item = here?.param?.node.operations.get(method);
  if (item !== void 0 && match.rest.every((s2) => s2 === "")) {
    return missing(item.options.ident ?? here?.param?.name ?? "");
  }
  const post = method === "POST" && above?.param?.node === here && above?.operations.get("POST");
  if (post && post.options.bodyName !== null) {
    const taken = match.params[above?.param?.name ?? ""] ?? "";
    return new Invalid(
      `Schema error for ${post.options.bodyName}: ${pyRepr(taken)} is not of type 'object'`
    );
  }
  return notAllowed(match);
}
function checkRouting(op, params) {
  for (const p of op.parameters) {
    const value = params[p.name];
    if (p.routingKind === null || value === void 0) continue;
    if (!isUuidLike(value) && !isLogicalName(value)) {
      const text6 = `Expected UUID or name for ${p.routingKind}: ${value}`;
      throw new RoutingError(400, "Bad Request", text6);
    }
  }
}
function fillPositional(match, op, rest) {
  const given = rest.filter((s2) => s2 !== "");
  const names = op.options.positional;
  if (given.length > 0 && names.length === 0) throw notAllowed(match);
  if (given.length > names.length) throw new Invalid("Malformed request URI.");
  if (given.length < rest.length) {
    const item = match.trail.at(-1)?.param;
    if (item) throw missing(item.node.operations.get(op.method)?.options.ident ?? item.name);
  }
  return Object.fromEntries(given.map((value, i) => [names[i] ?? "", value]));
}
function gateOperation(op, minor) {
  if (minor >= op.min && minor <= op.max) return;
  const { status, text: text6, router } = op.options.below;
  if (router !== true) throw new IronicError(text6, { status });
  throw new RoutingError(status, status === 405 ? "Method Not Allowed" : "Not Found", text6);
}
function buildRequest(ctx2, contract, operation, incoming, params, positional) {
  const { body, members } = readPayload(operation, incoming);
  const raw = mergeArguments(queryArguments(new URLSearchParams(incoming.search)), {
    ...positional,
    ...members
  });
  const args = readArguments(operation, incoming.minor, params, raw, positional);
  checkBody(operation, body);
  gateArguments(operation, incoming.minor, args);
  return {
    ctx: ctx2,
    contract,
    operation,
    method: incoming.request.method,
    minor: incoming.minor,
    args,
    rawArgs: { ...raw, ...params },
    body,
    baseUrl: incoming.baseUrl,
    auth: incoming.auth,
    caller: {
      requestId: incoming.requestId,
      userId: incoming.auth.userId,
      projectId: incoming.auth.projectId,
      signal: incoming.request.signal
    }
  };
}
var newRequestId = () => `req-${randomUUID3()}`;
function readPayload(op, { request, text: text6 }) {
  if (op.body !== null && op.options.args === "body") return { body: parseBody(text6), members: {} };
  if (request.method === "GET" || text6 === "") return { body: void 0, members: {} };
  if (isForm(request)) {
    return { body: void 0, members: queryArguments(new URLSearchParams(text6)) };
  }
  const document = isJson(request) ? tryParse(text6) : void 0;
  return { body: document, members: isObject3(document) ? document : {} };
}
function tryParse(text6) {
  try {
    return parseBody(text6);
  } catch (e) {
    if (e instanceof Invalid) return void 0;
    throw e;
  }
}

// src/api/faults.ts
function faultBody(error) {
  if (error instanceof AcceptRefused) return JSON.stringify({ error_message: error.message });
  const inner = error instanceof RoutingError ? { code: error.status, title: error.title, description: error.message } : {
    faultcode: error.status < 500 ? "Client" : "Server",
    faultstring: error.message,
    debuginfo: null
  };
  return JSON.stringify({ error_message: JSON.stringify(inner) });
}
function flatFault(text6) {
  return JSON.stringify({ faultcode: "Client", faultstring: text6 });
}

// src/api/policy/noauth.ts
var masking = /* @__PURE__ */ new Set(["show_password", "show_instance_secrets"]);
var noauthContext = {
  userId: null,
  projectId: null,
  roles: [],
  systemScope: null,
  can: (rule) => !masking.has(rule),
  authorize: () => void 0,
  knowsRule: () => false
};

// src/api/request.ts
function route(id, handler) {
  return { id, handler };
}

// src/api/v1/chassis/handlers.ts
import { randomUUID as randomUUID4 } from "node:crypto";

// src/api/paging.ts
import { and as and2, asc, desc, eq as eq2, getTableColumns, gt, lt, or, sql } from "drizzle-orm";
function readPage(args, maxLimit, refused) {
  const { limit, sort_key: sortKey = "id", sort_dir: sortDir = "asc" } = args;
  if (limit !== void 0 && limit <= 0) throw new Invalid("Limit must be positive");
  if (sortDir !== "asc" && sortDir !== "desc") {
    throw new Invalid(`Invalid sort direction: ${sortDir}. Acceptable values are 'asc' or 'desc'`);
  }
  if (refused.includes(sortKey)) {
    throw new Invalid(`The sort_key value ${sortKey} is an invalid field for sorting`);
  }
  return { limit: Math.min(limit ?? maxLimit, maxLimit), sortKey, sortDir };
}
function sortColumn(table, sortKey) {
  const column = Object.values(getTableColumns(table)).find((c) => c.name === sortKey);
  if (column === void 0) {
    throw new Invalid(`The sort_key value "${sortKey}" is an invalid field for sorting`);
  }
  return column;
}
function orderBy(table, page2) {
  const column = sortColumn(table, page2.sortKey);
  const direction = page2.sortDir === "asc" ? asc : desc;
  if (column.name === table.id.name) return [direction(table.id)];
  const nulls = page2.sortDir === "asc" ? sql`nulls first` : sql`nulls last`;
  return [sql`${direction(column)} ${nulls}`, direction(table.id)];
}
function afterMarker(table, page2, marker) {
  const column = sortColumn(table, page2.sortKey);
  const beyond = page2.sortDir === "asc" ? gt : lt;
  const key = Object.entries(getTableColumns(table)).find(([, c]) => c.name === column.name)?.[0];
  const value = marker[key ?? "id"];
  const pastId = beyond(table.id, marker["id"]);
  if (column.name === table.id.name) return pastId;
  if (value === null) {
    const same = and2(sql`${column} is null`, pastId);
    return page2.sortDir === "asc" ? or(sql`${column} is not null`, same) : same;
  }
  const past = or(beyond(column, value), and2(eq2(column, value), pastId));
  return page2.sortDir === "asc" ? past : or(past, sql`${column} is null`);
}
function nextLink(baseUrl, resource2, args, page2, returned, marker) {
  if (returned < page2.limit || marker === void 0) return {};
  const query = args.map(([k, v]) => `${k}=${v}&`).join("");
  return { next: `${baseUrl}/v1/${resource2}?${query}limit=${page2.limit}&marker=${marker}` };
}

// src/api/patch.ts
var segmentsOf2 = (path) => path.split("/").slice(1);
var rootOf = (path) => segmentsOf2(path)[0] ?? "";
function checkPatchable(patch, patchable2) {
  const bad = patch.find((p) => !patchable2.includes(rootOf(p.path)));
  if (bad !== void 0) {
    throw new Invalid(
      `Cannot patch ${bad.path}. Only the following can be updated: ${patchable2.join(", ")}`
    );
  }
}
function applyPatch(document, patch) {
  const result = structuredClone(document);
  const roots = new Set(Object.keys(document));
  for (const op of patch) {
    const path = segmentsOf2(op.path);
    const root2 = path[0] ?? "";
    if (op.op === "add" && path.length === 1 && !roots.has(root2)) {
      throw new Invalid(
        `Adding a new attribute (/${root2}) to the root of the resource is not allowed`
      );
    }
    applyOne(result, op, path);
  }
  for (const root2 of roots) if (!Object.hasOwn(result, root2)) result[root2] = null;
  return result;
}
function applyOne(document, op, path) {
  const fail2 = (reason) => new PatchError(pyRepr(op), reason);
  if (op.op !== "remove" && !Object.hasOwn(op, "value")) {
    throw fail2("The operation does not contain a 'value' member");
  }
  const last = path.at(-1) ?? "";
  let at = document;
  for (const key of path.slice(0, -1)) at = step2(at, key, fail2);
  if (Array.isArray(at)) changeArray(at, last, op, fail2);
  else if (isObject3(at)) changeObject(at, last, op, fail2);
  else throw fail2(unsupported2(at));
}
function step2(at, key, fail2) {
  if (Array.isArray(at)) {
    const list3 = at;
    const i = arrayIndex(key, fail2);
    if (i >= list3.length) throw fail2(`member '${key}' not found in ${pyRepr(list3)}`);
    return list3[i];
  }
  if (!isObject3(at)) throw fail2(unsupported2(at));
  if (!Object.hasOwn(at, key)) throw fail2(`member '${key}' not found in ${pyRepr(at)}`);
  return at[key];
}
function changeObject(at, key, op, fail2) {
  if (op.op !== "add" && !Object.hasOwn(at, key)) {
    throw fail2(`can't ${op.op} a non-existent object '${key}'`);
  }
  if (op.op === "remove") delete at[key];
  else at[key] = op.value;
}
function changeArray(at, key, op, fail2) {
  const i = key === "-" && op.op === "add" ? at.length : arrayIndex(key, fail2);
  if (op.op === "add") {
    if (i > at.length) throw fail2("can't insert outside of list");
    at.splice(i, 0, op.value);
  } else {
    if (i >= at.length) {
      throw fail2(
        op.op === "remove" ? `can't remove a non-existent object '${key}'` : "can't replace outside of list"
      );
    }
    at.splice(i, 1, ...op.op === "replace" ? [op.value] : []);
  }
}
function arrayIndex(key, fail2) {
  if (!/^(0|[1-9]\d*)$/.test(key)) throw fail2(`'${key}' is not a valid sequence index`);
  return Number(key);
}
var pythonTypes = {
  string: "str",
  boolean: "bool",
  object: "NoneType"
};
function unsupported2(at) {
  const number = typeof at === "number" ? Number.isInteger(at) ? "int" : "float" : "";
  const name = number === "" ? pythonTypes[typeof at] ?? typeof at : number;
  return `Document '<class '${name}'>' does not support indexing, must be mapping/sequence or support __getitem__`;
}

// src/api/v1/chassis/queries.ts
import { eq as eq3 } from "drizzle-orm";
async function getChassis(db, uuid3) {
  const [row] = await db.select().from(chassis).where(eq3(chassis.uuid, uuid3)).limit(1);
  if (row === void 0) throw new ObjectNotFound("Chassis", uuid3);
  return row;
}
async function listChassis(db, page2, marker) {
  const from = marker === void 0 ? void 0 : await getChassis(db, marker);
  return db.select().from(chassis).where(from && afterMarker(chassis, page2, from)).orderBy(...orderBy(chassis, page2)).limit(page2.limit);
}
async function insertChassis(db, values) {
  try {
    const [row] = await db.insert(chassis).values(values).returning();
    return row;
  } catch (e) {
    if (databaseFault(e)?.code !== "23505") throw e;
    throw new Conflict(`A chassis with UUID ${values.uuid} already exists.`);
  }
}
async function updateChassis(db, row, values) {
  const [updated] = await db.update(chassis).set(values).where(eq3(chassis.id, row.id)).returning();
  if (updated === void 0) throw new ObjectNotFound("Chassis", row.uuid);
  return updated;
}
async function deleteChassis(db, row) {
  const [child2] = await db.select({ id: nodes.id }).from(nodes).where(eq3(nodes.chassisId, row.id)).limit(1);
  if (child2 !== void 0) {
    throw new Invalid(
      `Cannot complete the requested action because chassis ${row.uuid} contains nodes.`
    );
  }
  await db.delete(chassis).where(eq3(chassis.id, row.id));
}

// src/api/links.ts
function links(baseUrl, path) {
  return [
    { href: `${baseUrl}/v1/${path}`, rel: "self" },
    { href: `${baseUrl}/${path}`, rel: "bookmark" }
  ];
}

// src/api/serialize.ts
function selectFields(contract, schemaName, minor, selection = {}) {
  const { fields, short = false } = selection;
  const wanted = (name) => fields === void 0 || name === "links" || fields.includes(name);
  return contract.fields(schemaName).filter(
    (f) => covers(f, minor) && wanted(f.name) && (!short || fields !== void 0 || f.short)
  ).map((f) => f.name);
}
function serializer(makers3, names, env) {
  const list3 = names.map((name) => {
    const make = makers3[name];
    if (make === void 0) throw new Error(`no maker for field ${name}`);
    return [name, make];
  });
  return (row) => {
    const out = {};
    for (const [name, make] of list3) out[name] = make(row, env);
    return out;
  };
}
function isoTime(date) {
  return date === null ? null : `${date.toISOString().slice(0, -1)}000+00:00`;
}

// src/api/v1/chassis/serialize.ts
var makers = {
  uuid: (c) => c.uuid,
  created_at: (c) => isoTime(c.createdAt),
  updated_at: (c) => isoTime(c.updatedAt),
  description: (c) => c.description,
  extra: (c) => c.extra ?? {},
  links: (c, { baseUrl }) => links(baseUrl, `chassis/${c.uuid}`),
  // A list inside a list: upstream's form, which clients have learned.
  nodes: (c, { baseUrl }) => [links(baseUrl, `chassis/${c.uuid}/nodes`)]
};
function chassisSerializer(request, selection = {}) {
  const names = selectFields(request.contract, "Chassis", request.minor, selection);
  return serializer(makers, names, { baseUrl: request.baseUrl });
}

// src/api/v1/chassis/handlers.ts
var refusedSortKeys = ["extra"];
var patchable = ["uuid", "extra", "description"];
var list = async (request) => {
  const { fields, detail } = request.args;
  if (detail === true && fields !== void 0) {
    throw new Invalid("Can not specify ?detail=True and fields in the same request.");
  }
  return page(request, "chassis", request.args, { fields, short: detail !== true });
};
var listDetail = (request) => page(request, "chassis/detail", request.args, {});
async function page(request, resource2, args, selection) {
  const { ctx: ctx2, auth, baseUrl } = request;
  auth.authorize("baremetal:chassis:get");
  const p = readPage(args, ctx2.config.api.max_limit, refusedSortKeys);
  const rows = await listChassis(ctx2.db.orm, p, args.marker);
  const linkArgs = [
    ["sort_key", p.sortKey],
    ["sort_dir", p.sortDir]
  ];
  if (args.detail !== void 0) linkArgs.push(["detail", args.detail ? "True" : "False"]);
  if (selection.fields !== void 0) linkArgs.push(["fields", selection.fields.join(",")]);
  const next = nextLink(baseUrl, resource2, linkArgs, p, rows.length, rows.at(-1)?.uuid);
  return { body: { chassis: rows.map(chassisSerializer(request, selection)), ...next } };
}
var show = async (request) => {
  const { ctx: ctx2, args, auth } = request;
  auth.authorize("baremetal:chassis:get");
  const row = await getChassis(ctx2.db.orm, args.chassis_uuid);
  return { body: chassisSerializer(request, { fields: args.fields })(row) };
};
var create = async (request) => {
  const { ctx: ctx2, auth, body } = request;
  auth.authorize("baremetal:chassis:create");
  const row = await insertChassis(ctx2.db.orm, {
    uuid: body.uuid ?? randomUUID4(),
    description: body.description ?? null,
    extra: body.extra ?? {},
    createdAt: ctx2.clock.now()
  });
  return { body: chassisSerializer(request)(row), location: `/v1/chassis/${row.uuid}` };
};
var update = async (request) => {
  const { ctx: ctx2, args, auth, contract } = request;
  auth.authorize("baremetal:chassis:update");
  const patch = request.body;
  checkPatchable(patch, patchable);
  const row = await getChassis(ctx2.db.orm, args.chassis_uuid);
  const before = { uuid: row.uuid, description: row.description, extra: row.extra ?? {} };
  const after = applyPatch(before, patch);
  const fault = firstError(after, contract.schema("ChassisCreate"));
  if (fault !== null) throw new Invalid(`Schema error for patch: ${fault}`);
  if (after["uuid"] !== row.uuid) {
    throw new Invalid("Cannot overwrite UUID for an existing Chassis.");
  }
  const updated = await updateChassis(ctx2.db.orm, row, {
    description: after["description"],
    extra: after["extra"] ?? {},
    updatedAt: ctx2.clock.now()
  });
  return { body: chassisSerializer(request)(updated) };
};
var remove = async ({ ctx: ctx2, args, auth }) => {
  auth.authorize("baremetal:chassis:delete");
  await deleteChassis(ctx2.db.orm, await getChassis(ctx2.db.orm, args.chassis_uuid));
  return {};
};

// src/api/v1/chassis/routes.ts
var chassisRoutes = [
  route("chassis.list", list),
  route("chassis.listDetail", listDetail),
  route("chassis.create", create),
  route("chassis.show", show),
  route("chassis.update", update),
  route("chassis.delete", remove)
];

// src/api/v1/discovery/handlers.ts
var version = (baseUrl) => ({
  id: "v1",
  links: [{ href: `${baseUrl}/v1/`, rel: "self" }],
  status: "CURRENT",
  min_version: `1.${MIN_MINOR}`,
  version: `1.${MAX_MINOR}`
});
var root = ({ baseUrl }) => Promise.resolve({
  body: {
    name: "OpenStack Ironic API",
    description: "Ironic is an OpenStack project which enables the provision and management of baremetal machines.",
    default_version: version(baseUrl),
    versions: [version(baseUrl)]
  }
});
var resource = (name) => (_row, request) => links(request.baseUrl, `${name}/`);
var resources = [
  "chassis",
  "nodes",
  "ports",
  "drivers",
  "portgroups",
  "volume",
  "lookup",
  "heartbeat",
  "conductors",
  "allocations",
  "events",
  "deploy_templates",
  "shards",
  "runbooks",
  "inspection_rules",
  "continue_inspection"
];
var makers2 = {
  id: () => "v1",
  links: (_row, { baseUrl }) => [
    { href: `${baseUrl}/v1/`, rel: "self" },
    {
      href: "https://docs.openstack.org//ironic/latest/contributor//webapi.html",
      rel: "describedby",
      type: "text/html"
    }
  ],
  media_types: () => ({
    base: "application/json",
    type: "application/vnd.openstack.ironic.v1+json"
  }),
  version: (_row, { baseUrl }) => version(baseUrl),
  ...Object.fromEntries(resources.map((name) => [name, resource(name)]))
};
var v1 = (request) => {
  if (request.method !== "GET" && request.method !== "HEAD") {
    throw new IronicError(
      "The server could not comply with the request since it is either malformed or otherwise incorrect.",
      { status: 405 }
    );
  }
  const names = selectFields(request.contract, "V1", request.minor);
  return Promise.resolve({ body: serializer(makers2, names, request)(null) });
};

// src/api/v1/discovery/routes.ts
var discoveryRoutes = [
  route("discovery.root", root),
  route("discovery.v1", v1)
];

// src/api/v1/routes.ts
var routes = [...discoveryRoutes, ...chassisRoutes];

// src/api/versioning.ts
var versionHeader = "X-OpenStack-Ironic-API-Version";
var versionHeaders = (minor) => ({
  "X-OpenStack-Ironic-API-Minimum-Version": `1.${MIN_MINOR}`,
  "X-OpenStack-Ironic-API-Maximum-Version": `1.${MAX_MINOR}`,
  ...minor === void 0 ? {} : { [versionHeader]: `1.${minor}` }
});
var VersionRefused = class extends NotAcceptable {
  ranged;
  constructor(text6, ranged) {
    super(text6);
    this.ranged = ranged;
  }
};
function negotiate(standard, own) {
  const wanted = (fromStandard(standard) ?? own?.split(",").at(-1) ?? "").trim();
  if (wanted === "") return MIN_MINOR;
  if (wanted.toLowerCase() === "latest") return MAX_MINOR;
  const m = /^(.*)\.(.*)$/.exec(wanted);
  const [major, minor] = [pythonInt(m?.[1]), pythonInt(m?.[2])];
  if (m === null || major === null || minor === null || (m[1] ?? "").includes(".")) {
    throw new VersionRefused("Invalid value for X-OpenStack-Ironic-API-Version header", false);
  }
  const range = `The supported version range is: [1.${MIN_MINOR}, 1.${MAX_MINOR}].`;
  if (major !== 1n) {
    throw new VersionRefused(
      `Mutually exclusive versions requested. Version ${major}.${minor} requested but not supported by this service. ${range}`,
      true
    );
  }
  if (minor < MIN_MINOR || minor > MAX_MINOR) {
    throw new VersionRefused(
      `Version ${major}.${minor} was requested but the minor version is not supported by this service. ${range}`,
      true
    );
  }
  return Number(minor);
}
function pythonInt(text6) {
  const t = (text6 ?? "").trim();
  return /^[+-]?\d+(_\d+)*$/.test(t) ? BigInt(t.replaceAll("_", "").replace(/^\+/, "")) : null;
}
function fromStandard(header) {
  for (const part of header?.split(",") ?? []) {
    const [service, version2] = part.trim().split(/\s+/);
    if (service?.toLowerCase() === "baremetal" && version2 !== void 0) return version2;
  }
  return void 0;
}

// src/api/app.ts
function createApi(ctx2, contract, options = {}) {
  const dispatch = createDispatcher(ctx2, contract, routes);
  const authenticate = options.authenticate ?? (() => Promise.resolve(noauthContext));
  const app = new Hono();
  app.all("*", (c) => serve(ctx2, dispatch, authenticate, c));
  return app;
}
var JSON_SUFFIX_ENDS = 91;
async function serve(ctx2, dispatch, authenticate, c) {
  const started = ctx2.clock.now().getTime();
  const requestId = newRequestId();
  const request = c.req.raw;
  if (request.method === "OPTIONS")
    return new Response(null, { headers: { "Content-Length": "0" } });
  const response = await respond(ctx2, dispatch, authenticate, c, requestId);
  response.headers.set("x-openstack-request-id", requestId);
  response.headers.set("openstack-request-id", requestId);
  const ms = ctx2.clock.now().getTime() - started;
  ctx2.log.info(
    { requestId, method: request.method, path: c.req.path, status: response.status, ms },
    "request"
  );
  return response;
}
async function respond(ctx2, dispatch, authenticate, c, requestId) {
  const state = { headers: {} };
  try {
    const request = c.req.raw;
    const path = c.req.path;
    const auth = await authenticate(request, path);
    const text6 = await readBody(request, path, ctx2.config.api);
    const minor = negotiateVersion(c, path);
    state.headers = versionHeaders(minor);
    checkAccept(c.req.header("Accept"));
    const url = new URL(request.url);
    const baseUrl = ctx2.config.api.public_endpoint ?? url.origin;
    const incoming = {
      request,
      path: withoutJsonSuffix(path, c.req.header(versionHeader)),
      search: url.search,
      minor,
      requestId,
      auth,
      baseUrl,
      text: text6
    };
    const { answer, operation } = await dispatch(incoming);
    return success(answer, operation.success, state.headers, baseUrl);
  } catch (e) {
    return failure(ctx2, e, state.headers, requestId);
  }
}
function negotiateVersion(c, path) {
  try {
    return negotiate(c.req.header("OpenStack-API-Version"), c.req.header(versionHeader));
  } catch (e) {
    if (!(e instanceof VersionRefused) || path === "/") throw e;
    throw new RoutingError(406, "Not Acceptable", e.message, e.ranged ? versionHeaders() : {});
  }
}
function withoutJsonSuffix(path, version2) {
  const minor = /^\s*1\.(\d+)\s*$/.exec(version2 ?? "")?.[1];
  const strip = minor !== void 0 && Number(minor) < JSON_SUFFIX_ENDS;
  return strip ? path.replace(/\/$/, "").replace(/\.json$/, "") : path;
}
function success(answer, status, headers, baseUrl) {
  const all = { ...headers, ...answer.headers };
  if (answer.location !== void 0) all["Location"] = `${baseUrl}${answer.location}`;
  if (answer.body === void 0) {
    all["Content-Length"] = "0";
    return new Response(null, { status: answer.status ?? status, headers: all });
  }
  all["Content-Type"] = "application/json";
  return new Response(JSON.stringify(answer.body), {
    status: answer.status ?? status,
    headers: all
  });
}
function failure(ctx2, thrown, headers, requestId) {
  const error = fromUnknown(thrown);
  if (error.status >= 500) ctx2.log.error({ requestId, err: thrown }, "request failed");
  const body = error instanceof BodyRefused ? flatFault(error.message) : faultBody(error);
  return new Response(body, {
    status: error.status,
    headers: { ...errorHeaders(error, headers), "Content-Type": "application/json" }
  });
}
function errorHeaders(error, headers) {
  if (error instanceof RoutingError || error instanceof BodyRefused) return { ...error.headers };
  if (error instanceof AcceptRefused) return {};
  if (error instanceof VersionRefused) return error.ranged ? versionHeaders() : {};
  return { ...headers, ...error.headers };
}

// src/api/contract/load.ts
import { readFileSync, readdirSync } from "node:fs";
import { join as join2 } from "node:path";
import { parse } from "yaml";

// src/api/contract/operation.ts
function compileOperation(method, path, op, item) {
  const id = op["operationId"];
  if (typeof id !== "string") throw new Error(`${method} ${path} has no operationId`);
  const options = optionsOf(op);
  const shared = item["parameters"] ?? [];
  const own = op["parameters"] ?? [];
  return {
    id,
    method: method.toUpperCase(),
    path,
    ...versionRange(op),
    parameters: [...shared, ...own].map((p) => compileParameter(p, options.style)),
    body: bodyOf(op),
    success: successOf(op, id),
    options
  };
}
function optionsOf(op) {
  const x = isObject3(op["x-ferric"]) ? op["x-ferric"] : {};
  const given = x;
  return {
    style: given.style ?? "classic",
    args: given.args ?? "body",
    bodyName: given.bodyName ?? null,
    policy: given.policy ?? [],
    positional: given.positional ?? [],
    ident: given.ident ?? null,
    below: given.below ?? { status: 404, text: "Resource could not be found." },
    anyMethod: given.anyMethod ?? false,
    custom: given.custom ?? false,
    public: given.public ?? false
  };
}
function compileParameter(p, style) {
  const schema = p["schema"] ?? {};
  const x = isObject3(p["x-ferric"]) ? p["x-ferric"] : {};
  return {
    name: String(p["name"]),
    in: p["in"],
    required: p["required"] === true,
    schema,
    kind: x["kind"] ?? kindOf(schema, p["in"] === "path" ? "classic" : style),
    below: x["below"] ?? (style === "classic" ? "general" : null),
    routingKind: typeof x["routingKind"] === "string" ? x["routingKind"] : null,
    ...versionRange(p)
  };
}
function kindOf(schema, style) {
  const type = schema["type"];
  if (type === "integer") return "integer";
  if (type === "boolean") return "boolean";
  if (type === "array") return "string_list";
  if (style === "classic" && schema["format"] === "uuid") return "uuid";
  if (style === "classic" && schema["format"] === "mac-address") return "mac_address";
  return type === "string" ? "string" : "any";
}
function bodyOf(op) {
  const body = op["requestBody"];
  const content = isObject3(body) ? body["content"] : void 0;
  const json2 = isObject3(content) ? content["application/json"] : void 0;
  const schema = isObject3(json2) ? json2["schema"] : void 0;
  return isObject3(schema) ? schema : null;
}
function successOf(op, id) {
  const statuses = Object.keys(op["responses"] ?? {});
  const status = statuses.find((s2) => /^2\d\d$/.test(s2)) ?? statuses[0];
  if (status === void 0) throw new Error(`${id} has no response`);
  return Number(status);
}

// src/api/contract/load.ts
var methods = ["get", "put", "post", "delete", "patch", "options", "head"];
function readDocuments(directory) {
  const files = readdirSync(directory).filter((f) => f.endsWith(".yaml"));
  const read = (f) => parse(readFileSync(join2(directory, f), "utf8"));
  return new Map(files.sort().map((f) => [f, read(f)]));
}
function compileContract(documents) {
  const operations = /* @__PURE__ */ new Map();
  const schemas2 = /* @__PURE__ */ new Map();
  for (const [file, raw] of documents) {
    const doc = resolveRefs(raw, file, documents);
    for (const op of operationsOf(doc)) {
      if (operations.has(op.id)) throw new Error(`${file}: operationId ${op.id} is used twice`);
      operations.set(op.id, op);
    }
    for (const [name, schema] of Object.entries(section(doc, "schemas"))) {
      if (schemas2.has(name)) throw new Error(`${file}: schema ${name} is defined twice`);
      schemas2.set(name, schema);
    }
  }
  return contractOf(documents, operations, schemas2);
}
function contractOf(documents, operations, schemas2) {
  const fieldTables = /* @__PURE__ */ new Map();
  const schema = (name) => must(schemas2.get(name), `schema ${name}`);
  return {
    documents,
    operations: [...operations.values()],
    operation: (id) => must(operations.get(id), `operation ${id}`),
    schema,
    fields: (name) => {
      const known = fieldTables.get(name) ?? fieldsOf(schema(name));
      fieldTables.set(name, known);
      return known;
    }
  };
}
function must(value, what) {
  if (value === void 0) throw new Error(`the contract has no ${what}`);
  return value;
}
function section(doc, name) {
  const components = doc["components"];
  const part = isObject3(components) ? components[name] : void 0;
  return isObject3(part) ? part : {};
}
function* operationsOf(doc) {
  for (const [path, item] of Object.entries(doc["paths"] ?? {})) {
    for (const method of methods) {
      const op = item[method];
      if (isObject3(op)) yield compileOperation(method, path, op, item);
    }
  }
}
function fieldsOf(schema) {
  const properties2 = schema["properties"] ?? {};
  return Object.entries(properties2).map(([name, p]) => ({
    name,
    ...versionRange(p),
    short: isObject3(p["x-ferric"]) && p["x-ferric"]["short"] === true,
    schema: p
  }));
}
function resolveRefs(value, file, documents) {
  if (Array.isArray(value)) return value.map((v) => resolveRefs(v, file, documents));
  if (!isObject3(value)) return value;
  const { $ref, ...rest } = value;
  const own = mapValues(rest, (v) => resolveRefs(v, file, documents));
  if (typeof $ref !== "string") return own;
  const [target, pointer = ""] = $ref.split("#");
  const name = target === "" || target === void 0 ? file : target;
  const found = pointer.split("/").slice(1).reduce((at, key) => isObject3(at) ? at[key] : void 0, documents.get(name));
  if (!isObject3(found)) throw new Error(`${file}: ${$ref} leads nowhere`);
  return { ...resolveRefs(found, name, documents), ...own };
}
function mapValues(o, f) {
  return Object.fromEntries(Object.entries(o).map(([k, v]) => [k, f(v)]));
}

// src/api/server.ts
function contractDirectory() {
  let directory = dirname3(fileURLToPath2(import.meta.url));
  while (!existsSync2(join3(directory, "openapi/common.yaml"))) {
    if (directory === dirname3(directory)) throw new Error("openapi/ is missing");
    directory = dirname3(directory);
  }
  return join3(directory, "openapi");
}
var loadContract = () => compileContract(readDocuments(contractDirectory()));
async function startApi(ctx2, options = {}) {
  const app = createApi(ctx2, loadContract(), options);
  const { host_ip: hostname4, port } = ctx2.config.api;
  const server = await listen(app.fetch, hostname4, port);
  const address = server.address();
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  const close = (deadlineMs) => closeServer(server, deadlineMs);
  return {
    url: `http://${host}:${address.port}`,
    close,
    [Symbol.asyncDispose]: () => close(0)
  };
}
function listen(fetch, hostname4, port) {
  return new Promise((resolve3, reject) => {
    const server = serve2({ fetch, hostname: hostname4, port }, () => {
      server.off("error", reject);
      resolve3(server);
    });
    server.once("error", reject);
  });
}
function closeServer(server, deadlineMs) {
  return new Promise((resolve3) => {
    const connections = "closeAllConnections" in server ? server : null;
    const timer = setTimeout(() => connections?.closeAllConnections(), deadlineMs);
    server.close(() => {
      clearTimeout(timer);
      resolve3();
    });
    if (connections !== null) connections.closeIdleConnections();
  });
}

// src/config/declare.ts
var str = (def, help, extra = {}) => ({
  type: "str",
  default: def,
  help,
  ...extra
});
var optStr = (help, extra = {}) => ({
  type: "str",
  default: null,
  help,
  ...extra
});
var int = (def, help, extra = {}) => ({
  type: "int",
  default: def,
  help,
  ...extra
});
var bool = (def, help, extra = {}) => ({
  type: "bool",
  default: def,
  help,
  ...extra
});
var list2 = (def, help, extra = {}) => ({
  type: "list",
  default: def,
  help,
  ...extra
});
var optList = (help, extra = {}) => ({
  type: "list",
  default: null,
  help,
  ...extra
});
var dict = (def, help, extra = {}) => ({ type: "dict", default: def, help, ...extra });

// src/config/options/agent.ts
var agent2 = {
  manage_agent_boot: bool(true, "Ironic boots the ramdisk; else something else does."),
  image_download_source: str("http", "Where the ramdisk gets the image from.", {
    choices: ["swift", "http", "local"]
  })
};

// src/config/options/api.ts
var api = {
  host_ip: str("127.0.0.1", "Address the API listens on."),
  port: int(6385, "Port the API listens on; 0 takes a free one.", { min: 0, max: 65535 }),
  public_endpoint: optStr("Base of the links in answers; taken from the request unless set."),
  max_limit: int(1e3, "Most items in one page of a list.", { min: 1 }),
  restrict_lookup: bool(true, "Lookup answers only for nodes in states that expect a ramdisk."),
  ramdisk_heartbeat_timeout: int(300, "Seconds between heartbeats the ramdisk is told to keep.", {
    min: 1
  }),
  enable_ramdisk_endpoints: bool(true, "Serve lookup, heartbeat and continue_inspection."),
  max_json_body_depth: int(25, "Deepest nesting of a JSON body.", { min: 1 }),
  max_json_body_size: int(1024, "Largest JSON body in KiB.", { min: 1 }),
  max_json_body_size_provision: int(65536, "The same for states/provision, in KiB.", { min: 1 }),
  max_json_body_size_inspection: int(16384, "The same for continue_inspection, in KiB.", {
    min: 1
  }),
  network_data_schema: optStr("File that replaces the built-in network_data schema."),
  disallowed_enrollment_boot_modes: list2([], "Boot modes nodes may not be enrolled with."),
  disallow_clean_steps: list2(["vendor.send_raw"], "Clean steps nobody may ask for."),
  disallow_deploy_steps: list2(["vendor.send_raw"], "Deploy steps nobody may ask for."),
  disallow_service_steps: list2(["vendor.send_raw"], "Service steps nobody may ask for.")
};

// src/config/options/conductor.ts
var conductor = {
  workers_pool_size: int(300, "Tasks one conductor runs at once.", { min: 3 }),
  heartbeat_interval: int(10, "Seconds between keepalives of a conductor.", { min: 1 }),
  heartbeat_timeout: int(
    60,
    "Seconds after which a silent conductor is offline; 0 trusts the flag.",
    { min: 0 }
  ),
  node_locked_retry_attempts: int(3, "Attempts to reserve a node.", { min: 0 }),
  node_locked_retry_interval: int(1, "Seconds between them.", { min: 1 }),
  conductor_group: str("", "Group this conductor serves."),
  automated_clean: bool(true, "Clean nodes after tear down and on provide."),
  allow_deleting_available_nodes: bool(true, "Nodes in available may be deleted."),
  allow_provisioning_in_maintenance: bool(true, "Cleaning and the like may go on in maintenance."),
  node_history: bool(true, "Keep history rows."),
  record_step_flows_in_history: bool(true, "History rows at the start and end of step flows."),
  sync_power_state_interval: int(120, "Seconds between power syncs; 0 or less: never."),
  sync_power_state_workers: int(8, "Nodes one power sync reads at once.", { min: 1 }),
  force_power_state_during_sync: bool(true, "The power sync sets the hardware, not the database."),
  power_state_sync_max_retries: int(3, "Failed power syncs before maintenance."),
  power_failure_recovery_interval: int(300, "Seconds between recovery checks; 0: never.", {
    min: 0
  }),
  periodic_max_workers: int(8, "Nodes per round of a time-out or take-over.", { min: 1 }),
  sync_local_state_interval: int(180, "Seconds between take-over checks; 0 or less: never."),
  check_provision_state_interval: int(60, "Seconds between time-out checks; 0: never.", { min: 0 }),
  check_rescue_state_interval: int(60, "Seconds between rescue time-out checks.", { min: 1 }),
  check_allocations_interval: int(60, "Seconds between allocation checks; 0: never.", { min: 0 }),
  deploy_callback_timeout: int(1800, "Seconds in wait call-back; 0: for ever.", { min: 0 }),
  clean_callback_timeout: int(1800, "Seconds in clean wait; 0: for ever.", { min: 0 }),
  service_callback_timeout: int(1800, "Seconds in service wait; 0: for ever.", { min: 0 }),
  rescue_callback_timeout: int(1800, "Seconds in rescue wait; 0: for ever.", { min: 0 }),
  inspect_wait_timeout: int(1800, "Seconds in inspect wait; 0: for ever.", { min: 0 }),
  soft_power_off_timeout: int(600, "Seconds a soft power change may take.", { min: 1 }),
  power_state_change_timeout: int(60, "Seconds a power change may take.", { min: 2 }),
  max_concurrent_deploy: int(250, "Nodes deploying at once.", { min: 1 }),
  max_concurrent_clean: int(50, "Nodes cleaning or being torn down at once.", { min: 1 }),
  max_concurrent_per_conductor_group: bool(false, "Those limits count per conductor group."),
  automatic_lessee: bool(true, "A deployment sets the lessee."),
  automatic_lessee_source: str("instance", "Where the lessee comes from.", {
    choices: ["none", "request", "instance"]
  }),
  automated_cleaning_step_source: str("autogenerated", "Where automated cleaning has its steps.", {
    choices: ["autogenerated", "runbook", "hybrid"]
  }),
  automated_cleaning_runbook: optStr("Runbook of automated cleaning."),
  automated_cleaning_runbook_by_resource_class: dict({}, "Runbooks by resource class."),
  automated_cleaning_runbook_from_node: bool(false, "driver_info.cleaning_runbook overrides."),
  automated_cleaning_runbook_validate_traits: bool(true, "The runbook must fit a node trait."),
  poweroff_in_cleanfail: bool(false, "Power off after failed cleaning."),
  poweroff_in_servicefail: bool(false, "Power off after failed servicing."),
  permit_child_node_step_async_result: bool(false, "Steps on child nodes may answer with wait."),
  max_conductor_wait_step_seconds: int(30, "Longest pause of a wait step.", { min: 0, max: 1800 }),
  disallowed_deployment_boot_modes: list2([], "Boot modes nodes may not be deployed with."),
  clean_step_priority_override: dict({}, "interface.step:priority of clean steps."),
  verify_step_priority_override: dict({}, "interface.step:priority of verify steps."),
  node_history_max_entries: int(300, "History rows kept per node; 0 keeps all.", { min: 0 }),
  node_history_cleanup_interval: int(86400, "Seconds between history purges; 0: never.", {
    min: 0
  }),
  node_history_cleanup_batch_count: int(1e3, "Rows per history purge; 0: none.", { min: 0 }),
  node_history_minimum_days: int(0, "Days for which history is always kept.", { min: 0 }),
  conductor_cleanup_interval: int(86400, "Seconds between purges of dead conductors; 0: never.", {
    min: 0
  }),
  conductor_cleanup_timeout: int(1209600, "Seconds until a dead conductor is removed.", {
    min: 60
  }),
  conductor_cleanup_batch_size: int(50, "Conductors per such purge.", { min: 1 }),
  enable_health_monitoring: bool(true, "Keep node.health."),
  rescue_password_hash_algorithm: str("sha256", "Hash of the rescue password.", {
    choices: ["sha256", "sha512"]
  }),
  deploy_kernel: optStr("Kernel of the deploy ramdisk."),
  deploy_ramdisk: optStr("The deploy ramdisk."),
  rescue_kernel: optStr("Kernel of the rescue ramdisk."),
  rescue_ramdisk: optStr("The rescue ramdisk."),
  deploy_kernel_by_arch: dict({}, "Kernel of the deploy ramdisk by cpu_arch."),
  deploy_ramdisk_by_arch: dict({}, "The deploy ramdisk by cpu_arch."),
  rescue_kernel_by_arch: dict({}, "Kernel of the rescue ramdisk by cpu_arch."),
  rescue_ramdisk_by_arch: dict({}, "The rescue ramdisk by cpu_arch."),
  error_on_ramdisk_config_inconsistency: bool(
    false,
    "A node with only one of kernel and ramdisk is an error instead of a warning."
  )
};

// src/config/options/console.ts
var consoleOptions = {
  port_range: optStr('Ports for serial consoles, "first:last".')
};

// src/config/options/database.ts
var database = {
  connection: optStr("postgres:// URL, or pglite:///path; embedded under state_path unless set.", {
    secret: true
  }),
  max_pool_size: int(10, "Most PostgreSQL connections of one process.", { min: 2 })
};

// src/config/options/default.ts
var DEFAULT = {
  host: optStr(
    "Name of this service in the conductors table and in locks; the host name unless set."
  ),
  my_ip: optStr("Address other services reach this host at; detected unless set."),
  state_path: str("var", "Directory for everything Ferric keeps on disk."),
  auth_strategy: str("noauth", "How API requests are authenticated.", {
    choices: ["noauth", "keystone", "http_basic"]
  }),
  debug_tracebacks_in_api: bool(false, "Add stack traces to the error bodies of 5xx answers."),
  default_resource_class: optStr("resource_class of nodes created without one."),
  default_conductor_group: str("", "conductor_group of nodes created without one."),
  default_portgroup_mode: str("active-backup", "Mode of port groups created without one."),
  enabled_hardware_types: list2(["fake-hardware", "manual-management"], "Hardware types to load."),
  enabled_bios_interfaces: optList("Enabled bios interfaces."),
  enabled_boot_interfaces: optList("Enabled boot interfaces."),
  enabled_console_interfaces: optList("Enabled console interfaces."),
  enabled_deploy_interfaces: optList("Enabled deploy interfaces."),
  enabled_firmware_interfaces: optList("Enabled firmware interfaces."),
  enabled_inspect_interfaces: optList("Enabled inspect interfaces."),
  enabled_management_interfaces: optList("Enabled management interfaces."),
  enabled_network_interfaces: optList("Enabled network interfaces."),
  enabled_power_interfaces: optList("Enabled power interfaces."),
  enabled_raid_interfaces: optList("Enabled raid interfaces."),
  enabled_rescue_interfaces: optList("Enabled rescue interfaces."),
  enabled_storage_interfaces: optList("Enabled storage interfaces."),
  enabled_vendor_interfaces: optList("Enabled vendor interfaces."),
  default_bios_interface: optStr("Default bios interface."),
  default_boot_interface: optStr("Default boot interface."),
  default_console_interface: optStr("Default console interface."),
  default_deploy_interface: optStr("Default deploy interface."),
  default_firmware_interface: optStr("Default firmware interface."),
  default_inspect_interface: optStr("Default inspect interface."),
  default_management_interface: optStr("Default management interface."),
  default_network_interface: optStr("Default network interface."),
  default_power_interface: optStr("Default power interface."),
  default_raid_interface: optStr("Default raid interface."),
  default_rescue_interface: optStr("Default rescue interface."),
  default_storage_interface: str("noop", "Default storage interface."),
  default_vendor_interface: optStr("Default vendor interface."),
  log_in_db_max_size: int(4096, "Characters kept of last_error and maintenance_reason.", {
    min: 1
  }),
  hash_partition_exponent: int(5, "2^n points per conductor on the hash ring."),
  hash_ring_reset_interval: int(15, "Seconds a computed hash ring is kept."),
  pin_release_version: optStr("Caps the API version during upgrades."),
  drain_shutdown_timeout: int(
    1800,
    "Seconds a draining shutdown waits for reservations; 0 waits for ever.",
    { min: 0 }
  ),
  graceful_shutdown_timeout: int(60, "Seconds a graceful shutdown waits for running work.", {
    min: 0
  }),
  rbac_service_role_elevated_access: bool(
    false,
    "Gives the service role of the service project wide access."
  ),
  rbac_service_project_name: str("service", "Name of that project."),
  http_basic_auth_user_file: str("/etc/ironic/htpasswd", "htpasswd file of http_basic."),
  notification_level: optStr("Lowest level of notifications that are sent; none unless set.")
};

// src/config/options/deploy.ts
var deploy = {
  http_url: optStr("URL under which http_root is served to machines."),
  http_root: str("/httpboot", "Directory of files served to machines by HTTP."),
  http_image_subdir: str("agent_images", "Directory of cached images under http_root."),
  fast_track: bool(false, "Machines with a running ramdisk are deployed without a reboot."),
  fast_track_timeout: int(300, "Seconds since the last heartbeat a ramdisk counts as running.", {
    min: 0,
    max: 300
  })
};

// src/config/options/fake.ts
var delay3 = (kind) => str(
  "0",
  `Seconds every fake ${kind} operation takes; "A,B" draws from A to B, leaning towards A.`
);
var fake = {
  power_delay: delay3("power"),
  boot_delay: delay3("boot"),
  deploy_delay: delay3("deploy"),
  vendor_delay: delay3("vendor"),
  management_delay: delay3("management"),
  inspect_delay: delay3("inspect"),
  raid_delay: delay3("raid"),
  bios_delay: delay3("bios"),
  storage_delay: delay3("storage"),
  rescue_delay: delay3("rescue"),
  firmware_delay: delay3("firmware")
};

// src/config/options/ferric.ts
var ferric = {
  queue_url: optStr("redis:// URL of the queue; the database carries it unless set.", {
    secret: true
  }),
  allow_remote_noauth: bool(
    false,
    "Allow auth_strategy=noauth on an address that is not loopback."
  ),
  driver_packages: list2([], "Packages that add hardware types or interfaces.")
};

// src/config/options/index.ts
var optionGroups = {
  DEFAULT,
  agent: agent2,
  api,
  conductor,
  console: consoleOptions,
  database,
  deploy,
  fake,
  ferric
};

// src/config/index.ts
function defaultConfig(overrides = {}) {
  const out = {};
  for (const [group, options] of Object.entries(optionGroups)) {
    const given = { ...overrides[group] };
    out[group] = Object.fromEntries(
      Object.entries(options).map(([name, o]) => [
        name,
        name in given ? given[name] : o.default
      ])
    );
  }
  return out;
}

// src/logger.ts
import { pino } from "pino";
var secretKeys = [
  "password",
  "agent_token",
  "agent_secret_token",
  "auth_token",
  "configdrive",
  "rescue_password"
];
function createLogger(level = "info") {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretKeys.flatMap((k) => [k, `*.${k}`, `*.*.${k}`]), censor: "******" }
    },
    pino.destination({ dest: 2, sync: false })
  );
}

// ../../../tmp/serve.ts
var config = defaultConfig({ database: { connection: "pglite://memory" }, api: { port: 7300 }, DEFAULT: { host: "refhost" } });
var ctx = await createContext(config, createLogger("warn"));
var s = await startApi(ctx);
console.log(s.url);
