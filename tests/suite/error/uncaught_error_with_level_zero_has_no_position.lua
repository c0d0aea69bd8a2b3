error("no position here", 0) --!> no position here
