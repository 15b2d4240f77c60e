"""Interim, to be deleted."""
import duckdb, csv, re, io
import pyarrow as pa
from pathlib import Path
from alignment_core.imports.headers import FIELDS, SIGNS, TYPES, normalise, is_personal, system_of
from alignment_core.imports.model import *
def _ts(c): 
    fm=['%Y-%m-%dT%H:%M:%S.%g%z','%m/%d/%Y %H:%M','%m/%d/%Y','%Y%m%d']
    return f"coalesce(try_cast({c} as timestamp),"+",".join(f"try_strptime({c},'{f}')" for f in fm[1:])+f",try_strptime({c},'{fm[0]}')::timestamp)"
def read_files(files, mapping=None, limits=None):
    tabs={}; reps=[]
    for f in files:
        con=duckdb.connect(); con.execute("set TimeZone='UTC'")
        p=f.content
        if isinstance(p,bytes):
            import tempfile; t=tempfile.NamedTemporaryFile(delete=False,suffix='.csv'); t.write(p); t.close(); p=t.name
        r=con.sql(f"select * from read_csv('{p}',all_varchar=true,header=true)")
        H=r.columns; n=con.execute(f"select count(*) from r").fetchone()[0]
        kind=f.kind or max(SIGNS,key=lambda k:sum(SIGNS[k].get(normalise(h),0) for h in H))
        norm={normalise(h):h for h in reversed(H) if not is_personal(h) or h in('account',)}
        m={}
        for fld,names in FIELDS[kind].items():
            for x in (normalise(fld),*names):
                if x in norm and norm[x] not in m.values(): m[fld]=norm[x]; break
        m.update((mapping or {}).get(f.name,FileMapping()).columns)
        if 'mqlid' in norm and kind=='leads': m['mql_at']='first_contact_date'; m['lead_id']='mql_id'
        sel=[]
        for fld,h in m.items():
            c='"'+h+'"'; ty=TYPES.get(fld,'text')
            if fld=='won_date': sel+= [f"{_ts(c)} closed_at",f"{c} is not null is_won"]; continue
            if fld=='deal_stage': 
                if 'is_won' not in m and 'won_date' not in m: sel+=[f"lower({c}) like '%won%' is_won",f"regexp_matches(lower({c}),'won|lost') is_closed"]
                continue
            if fld in('is_deleted','year','quarter_number'): continue
            e={'time':_ts(c),'money':f"try_cast(replace({c},',','') as decimal(18,4))",'number':f"try_cast({c} as double)",'flag':f"try_cast({c} as boolean)"}.get(ty,c)
            sel.append(f'{e} as "{fld}"')
        a=con.sql("select "+",".join(sel)+" from r").to_arrow_table()
        tabs.setdefault(kind,[]).append(a)
        inv={h:k for k,h in m.items()}
        reps.append(FileReport(f.name,kind,None,system_of(H),tuple(Column(h,inv.get(h),'known name' if h in inv else 'not used') for h in H),n,n))
    return Imported({k:pa.concat_tables(v,promote_options='default') for k,v in tabs.items()},tuple(reps))
