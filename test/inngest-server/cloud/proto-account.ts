/**
 * v2's responses on the account, environments, apps, events and Insights, according to Inngest's proto: kept by hand, as the double must
 * not be checked against itself. A message with its line in proto/api/v2/service.proto (inngest/inngest, 1.43), then its fields: name, JSON
 * name, type, line. "choice" instead of a line: not in that source, so it is the double's choice.
 */
export const ACCOUNT = `
ErrorResponse 2171
	errors           errors           repeated Error                                 2172
Error 2166
	code             code             string                                         2167
	message          message          string                                         2168
ResponseMetadata 2175
	fetched_at       fetchedAt        Timestamp                                      2176
	cached_until     cachedUntil      Timestamp                                      2177
	time_range       timeRange        TimeRange                                      2178
TimeRange 2181
	from             from             Timestamp                                      2182
	until            until            Timestamp                                      2183
Page 2727
	cursor           cursor           optional string                                2728
	hasMore          hasMore          bool                                           2729
	limit            limit            int32                                          2730
HealthResponse 2157
	data             data             HealthData                                     2158
	metadata         metadata         ResponseMetadata                               2159
HealthData 2162
	status           status           string                                         2163
FetchAccountResponse 2714
	data             data             Account                                        2715
	metadata         metadata         ResponseMetadata                               2716
Account 2719
	id               id               string                                         2720
	email            email            string                                         2721
	name             name             string                                         2722
	createdAt        createdAt        Timestamp                                      2723
	updatedAt        updatedAt        Timestamp                                      2724
FetchAccountEnvsResponse 2775
	data             data             repeated Env                                   2776
	metadata         metadata         ResponseMetadata                               2777
	page             page             Page                                           2778
Env 2677
	id               id               string                                         2678
	name             name             string                                         2679
	type             type             EnvType                                        2680
	createdAt        createdAt        Timestamp                                      2681
	isArchived       isArchived       bool                                           2682
GetAppResponse 2599
	data             data             App                                            2600
	metadata         metadata         ResponseMetadata                               2601
GetAppsResponse 2624
	data             data             repeated App                                   2625
	metadata         metadata         ResponseMetadata                               2626
	page             page             Page                                           2627
App 2483
	id               id               string                                         2487
	name             name             string                                         2493
	method           method           AppMethod                                      2499
	app_version      appVersion       optional string                                2504
	created_at       createdAt        Timestamp                                      2509
	is_archived      isArchived       bool                                           2514
	archived_at      archivedAt       optional Timestamp                             2519
	function_count   functionCount    int32                                          2524
	latest_sync      latestSync       optional AppSync                               2529
AppSync 2536
	status           status           optional string                                2540
	synced_at        syncedAt         optional Timestamp                             2549
	sdk_language     sdkLanguage      optional string                                2554
	sdk_version      sdkVersion       optional string                                2560
	framework        framework        optional string                                2566
	url              url              optional string                                2572
	error            error            optional string                                2578
	app_version      appVersion       optional string                                2583
SyncAppRequest 3112
	app_id           appId            string                                         3113
	url              url              string                                         3119
SyncAppResponse 3127
	data             data             SyncAppData                                    3128
	metadata         metadata         ResponseMetadata                               3129
SyncAppData 3132
	id               id               string                                         3133
	status           status           string                                         3138
	app_id           appId            string                                         3147
	error            error            optional SyncAppError                          3152
SyncAppError 3159
	code             code             string                                         3160
	message          message          string                                         3161
SendEventRequest 2909
	name             name             string                                         2910
	data             data             optional Struct                                2917
	user             user             optional Struct                                2923
	id               id               optional string                                2929
	ts               ts               optional int64                                 2935
SendEventResponse 2943
	data             data             SendEventData                                  2944
	metadata         metadata         ResponseMetadata                               2945
SendEventData 2948
	event_id         eventId          string                                         2949
InvokeFunctionRequest 2957
	function_id      functionId       string                                         2958
	data             data             Struct                                         2964
	idempotency_key  idempotencyKey   optional string                                2970
	app_id           appId            string                                         2976
InvokeFunctionResponse 2984
	data             data             InvokeFunctionData                             2985
	metadata         metadata         ResponseMetadata                               2986
InvokeFunctionData 2989
	run_id           runId            string                                         2990
	queued_at        queuedAt         Timestamp                                      2996
	started_at       startedAt        optional Timestamp                             3001
	completed_at     completedAt      optional Timestamp                             3006
	result           result           optional string                                3011
	error            error            optional string                                3017
QueryInsightsRequest 3164
	query            query            string                                         3165
QueryInsightsResponse 3172
	data             data             QueryInsightsData                              3173
	metadata         metadata         ResponseMetadata                               3174
QueryInsightsData 3177
	columns          columns          repeated InsightsOutputColumn                  3178
	rows             rows             repeated InsightsRow                           3183
	diagnostics      diagnostics      repeated InsightsDiagnostic                    3188
InsightsOutputColumn 3195
	name             name             string                                         3196
	type             type             InsightsOutputColumnType                       3201
InsightsRow 3217
	values           values           repeated Value                                 3218
InsightsDiagnostic 3225
	severity         severity         InsightsDiagnosticSeverity                     3226
	code             code             string                                         3231
	message          message          string                                         3236
	position         position         optional InsightsDiagnosticPosition            3241
InsightsDiagnosticPosition 3255
	start            start            int32                                          3256
	end              end              int32                                          3261
	context          context          string                                         3266
ListInsightsTablesResponse 3277
	data             data             repeated InsightsTable                         3278
	metadata         metadata         ResponseMetadata                               3283
InsightsTable 3286
	name             name             string                                         3287
	description      description      string                                         3293
	columns          columns          repeated InsightsTableColumn                   3298
InsightsTableColumn 3305
	name             name             string                                         3306
	description      description      string                                         3311
	type             type             string                                         3316
ListInsightsEventSchemasResponse 3366
	data             data             repeated InsightsEventSchema                   3367
	metadata         metadata         ResponseMetadata                               3372
	page             page             Page                                           3373
InsightsEventSchema 3376
	name             name             string                                         3377
	schema           schema           Struct                                         3383
`;
