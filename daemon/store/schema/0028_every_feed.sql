-- Head office marks every feed, also one in which nothing was said yet: until now such a feed was never proved equal.
-- (reach 1: shops, 2: sites. A till lists no sites.)
INSERT OR IGNORE INTO feed_head (reach, number, generation, feed_offset, chain)
  SELECT 2, site, coalesce((SELECT value FROM meta WHERE name = 'generation'), 1), 0, zeroblob(16)
    FROM site WHERE site != 1
  UNION
  SELECT 1, shop, coalesce((SELECT value FROM meta WHERE name = 'generation'), 1), 0, zeroblob(16)
    FROM site WHERE site != 1;
