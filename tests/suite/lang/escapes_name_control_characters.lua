print(string.byte("\a\b\f\n\r\t\v\\\"\'", 1, -1)) --> 7	8	12	10	13	9	11	92	34	39
