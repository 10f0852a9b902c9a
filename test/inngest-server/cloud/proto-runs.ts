/**
 * v2's responses on runs and functions, according to Inngest's proto: kept by hand, as the double must not be checked against itself. A
 * message with its line in proto/api/v2/service.proto (inngest/inngest, 1.43), then its fields: name, JSON name, type, line. "choice"
 * instead of a line: not in that source, so it is the double's choice.
 */
export const RUNS = `
ListRunsResponse 3669
	data             data             repeated FunctionRun                           3670
	metadata         metadata         ResponseMetadata                               3671
	page             page             Page                                           3672
ListFunctionRunsResponse 3675
	data             data             repeated FunctionRun                           3676
	metadata         metadata         ResponseMetadata                               3677
	page             page             Page                                           3678
GetEventRunsResponse 2384
	data             data             repeated FunctionRun                           2385
	metadata         metadata         ResponseMetadata                               2386
	page             page             Page                                           2387
GetFunctionRunResponse 2363
	data             data             FunctionRun                                    2364
	metadata         metadata         ResponseMetadata                               2365
FunctionRun 2345
	id               id               string                                         2346
	function         function         FunctionRef                                    2347
	app              app              AppRef                                         2348
	status           status           FunctionRunStatus                              2349
	queued_at        queuedAt         Timestamp                                      2350
	started_at       startedAt        optional Timestamp                             2351
	ended_at         endedAt          optional Timestamp                             2352
	duration_ms      durationMs       optional uint64                                2353
	trigger          trigger          RunTrigger                                     2354
	output           output           optional Struct                                2355
RunTrigger 2337
	event_ids        eventIds         repeated string                                2338
	event_name       eventName        optional string                                2339
	is_batch         isBatch          bool                                           2340
	batch_id         batchId          optional string                                2341
	cron_schedule    cronSchedule     optional string                                2342
FunctionRef 2216
	id               id               string                                         2217
	name             name             string                                         2218
	app              app              AppRef                                         2219
AppRef 2222
	id               id               string                                         2223
CancelRunRequest 3681
	run_id           runId            string                                         3682
CancelRunResponse 3685
	data             data             CancelRunData                                  3686
	metadata         metadata         ResponseMetadata                               3687
CancelRunData 3690
	run_id           runId            string                                         3691
RerunRequest 2390
	run_id           runId            string                                         2391
	from_step        fromStep         optional RerunFromStep                         2392
RerunFromStep 2399
	step_id          stepId           string                                         2400
	input            input            optional ListValue                             2406
RerunResponse 2414
	data             data             RerunData                                      2415
	metadata         metadata         ResponseMetadata                               2416
RerunData 2419
	run_id           runId            string                                         2420
GetFunctionTraceResponse 2461
	data             data             FunctionTrace                                  2462
	metadata         metadata         ResponseMetadata                               2463
FunctionTrace 2451
	run_id           runId            string                                         2452
	root_span        rootSpan         TraceSpan                                      2453
TraceSpan 2435
	id               id               string                                         2436
	name             name             string                                         2437
	status           status           TraceSpanStatus                                2438
	step_op          stepOp           optional TraceStepOp                           2439
	step_id          stepId           optional string                                2440
	duration_ms      durationMs       optional uint64                                2441
	queued_at        queuedAt         Timestamp                                      2442
	started_at       startedAt        optional Timestamp                             2443
	ended_at         endedAt          optional Timestamp                             2444
	input            input            optional Struct                                2445
	output           output           optional Struct                                2446
	metadata         metadata         repeated TraceSpanMetadata                     2447
	children         children         repeated TraceSpan                             2448
TraceSpanMetadata 2428
	scope            scope            string                                         2429
	kind             kind             string                                         2430
	values           values           map                                            2431
	updated_at       updatedAt        Timestamp                                      2432
GetFunctionResponse 2471
	data             data             Function                                       2472
	metadata         metadata         ResponseMetadata                               2473
GetFunctionsResponse 2645
	data             data             repeated Function                              2646
	metadata         metadata         ResponseMetadata                               2647
	page             page             Page                                           2648
Function 2325
	id               id               string                                         2326
	name             name             string                                         2327
	slug             slug             string                                         2328
	is_paused        isPaused         bool                                           2329
	is_archived      isArchived       bool                                           2330
	app              app              FunctionApp                                    2331
	triggers         triggers         repeated FunctionTrigger                       2332
	failure_handler  failureHandler   optional FunctionFailureHandler                2333
	configuration    configuration    FunctionConfiguration                          2334
FunctionApp 2245
	id               id               string                                         2246
FunctionTrigger 2251
	type             type             FunctionTriggerType                            2252
	value            value            string                                         2253
	if               if               optional string                                2254
FunctionFailureHandler 2257
	slug             slug             string                                         2258
	name             name             string                                         2259
FunctionConfiguration 2313
	cancellations    cancellations    repeated FunctionCancellationConfiguration     2314
	retries          retries          FunctionRetryConfiguration                     2315
	priority         priority         optional string                                2316
	events_batch     eventsBatch      optional FunctionEventsBatchConfiguration      2317
	concurrency      concurrency      repeated FunctionConcurrencyConfiguration      2318
	rate_limit       rateLimit        optional FunctionRateLimitConfiguration        2319
	debounce         debounce         optional FunctionDebounceConfiguration         2320
	throttle         throttle         optional FunctionThrottleConfiguration         2321
	singleton        singleton        optional FunctionSingletonConfiguration        2322
FunctionCancellationConfiguration 2262
	event            event            string                                         2263
	timeout          timeout          optional string                                2264
	condition        condition        optional string                                2265
FunctionRetryConfiguration 2268
	value            value            int32                                          2269
	is_default       isDefault        optional bool                                  2270
FunctionEventsBatchConfiguration 2273
	max_size         maxSize          int32                                          2274
	timeout          timeout          string                                         2275
	key              key              optional string                                2276
FunctionConcurrencyConfiguration 2284
	scope            scope            FunctionConcurrencyScope                       2285
	limit            limit            FunctionConcurrencyLimitConfiguration          2286
	key              key              optional string                                2287
FunctionConcurrencyLimitConfiguration 2279
	value            value            int32                                          2280
	is_plan_limit    isPlanLimit      optional bool                                  2281
FunctionRateLimitConfiguration 2290
	limit            limit            int32                                          2291
	period           period           string                                         2292
	key              key              optional string                                2293
FunctionDebounceConfiguration 2296
	period           period           string                                         2297
	key              key              optional string                                2298
FunctionThrottleConfiguration 2301
	burst            burst            int32                                          2302
	key              key              optional string                                2303
	limit            limit            int32                                          2304
	period           period           string                                         2305
FunctionSingletonConfiguration 2308
	mode             mode             FunctionSingletonMode                          2309
	key              key              optional string                                2310
`;
