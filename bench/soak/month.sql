-- A month of conversations by arithmetic: 10 messages each, written where the store keeps them.
-- :first and :last are conversations, :since is the month's first moment (ms), :length its length (ms).
-- What a conversation is like follows from its number, so that it can be told again without reading it.
WITH RECURSIVE
number(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM number WHERE i + 1 < :last),
conversation AS (
  SELECT i, printf('%024d', i) AS id, :since + (i * 2654435761) % :length AS began,
    CASE i % 7 WHEN 0 THEN 'provider' WHEN 1 THEN 'anonymous' WHEN 2 THEN 'anonymous' ELSE 'client' END AS kind
  FROM number
),
place(seq) AS (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)),
said AS (
  SELECT *, began + (seq - 1) * (2000 + i % 90000) AS at, (i * 31 + seq * 17) % 1000 AS luck,
    CASE seq WHEN 1 THEN 'assistant' WHEN 10 THEN 'system' ELSE CASE seq % 2 WHEN 0 THEN 'user' ELSE 'assistant' END END
      AS sender
  FROM conversation CROSS JOIN place
)
INSERT INTO log
SELECT id, seq,
  id || '-' || CASE WHEN seq IN (1, 10) THEN seq || 'n' WHEN sender = 'user' THEN seq || 'q' ELSE (seq - 1) || 'a' END,
  sender, CASE WHEN seq IN (3, 5, 7, 9) THEN id || '-' || (seq - 1) || 'q' END, at,
  CAST(printf('{"session_id":"%s","seq":%d,"message_id":"%s","sender":"%s","at":%d,"content":"Quanto custa uma faxina?",'
    || '"origin":{"user_type":"%s","started_at":%d}%s}',
    id, seq,
    id || '-' || CASE WHEN seq IN (1, 10) THEN seq || 'n' WHEN sender = 'user' THEN seq || 'q' ELSE (seq - 1) || 'a' END,
    sender, at, kind, began,
    CASE WHEN seq IN (3, 5, 7, 9) THEN printf(',"in_reply_to":"%s","finish":"%s","cached":%s,"escalated":%s,'
      || '"sources":[{"entryId":"entry-%d","version":1,"title":"t"}],'
      || '"provenance":{"model":"m","prompt_version":"v","intent":"general","known":%s,"waited_ms":20,'
      || '"timings":{"first_delta":%d,"written":%d},"prompt_tokens":%d,"reply_tokens":50,"escalation":"%s"}',
      id || '-' || (seq - 1) || 'q', CASE WHEN luck < 20 THEN 'fallback' ELSE 'complete' END,
      CASE WHEN luck < 400 THEN 'true' ELSE 'false' END, CASE WHEN luck >= 990 THEN 'true' ELSE 'false' END,
      (i * i + seq) % 40, CASE WHEN luck % 11 = 0 THEN 'false' ELSE 'true' END,
      100 + (luck * luck) % 1700, 200 + (luck * luck) % 5000, 800 + luck,
      CASE WHEN luck >= 990 THEN 'person' ELSE '' END)
    ELSE '' END) AS BLOB)
FROM said
